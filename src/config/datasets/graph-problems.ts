import type { Document } from 'yaml';
import { z } from 'zod';
import type { Unit } from '../../pipeline/datasets/graph/calendar.ts';
import { graphOrder } from '../../pipeline/datasets/graph/graph-order.ts';
import { misfitOfRule, type Rule, ruleOf } from '../../pipeline/datasets/graph/partition-rules.ts';
import { didYouMean } from '../../pipeline/text/nearest.ts';
import type { ConfigProblem } from '../config-error.ts';
import { offsetOf } from '../document-positions.ts';
import { isDerived } from './dataset-entry.ts';

const Rules = z.record(z.string(), z.union([z.string(), z.object({ rule: z.string() })])).catch({});
const Read = z.object({ inputs: Rules, reference: Rules });
const Partitioned = z.object({ partition: z.object({ unit: z.string().default('day') }) });

/** Problems between datasets that read each other: unknown ones, cycles, and rules that do not fit. */
export function graphProblems(
  document: Document,
  datasets: Readonly<Record<string, unknown>>,
): ConfigProblem[] {
  const nodes = Object.entries(datasets).map(([name, dataset]) => {
    const { inputs, reference } = isDerived(dataset) ? Read.parse(dataset) : { inputs: {}, reference: {} };
    return { name, inputs, reference, reads: [...Object.keys(inputs), ...Object.keys(reference)] };
  });
  const problem = (path: readonly string[], message: string): ConfigProblem => ({
    path: ['datasets', ...path],
    offset: offsetOf(document, ['datasets', ...path], 'value'),
    message: `expected ${message}`,
  });
  const rules = nodes.flatMap(({ name, inputs, reference }) =>
    Object.entries({ inputs, reference }).flatMap(([key, named]) =>
      Object.entries(named).flatMap(([input, text]) => {
        const path = [name, key, input];
        if (!Object.hasOwn(datasets, input))
          return [
            problem(
              path,
              `a dataset of this file, got ${JSON.stringify(input)}${didYouMean(input, Object.keys(datasets))}`,
            ),
          ];
        if (isTextOnly(datasets[input]))
          return [
            problem(
              path,
              `a dataset that has Parquet files, because others read these: set store.format: [parquet, tsv] in ${input}`,
            ),
          ];
        const rule = typeof text === 'string' ? ruleOf(text) : functionRule(text.rule);
        const misfit =
          rule === undefined
            ? undefined
            : misfitOfRule(
                rule,
                unitOf(datasets[name]),
                isHourly(datasets[input]) ? 'hour' : unitOf(datasets[input]),
              );
        return misfit === undefined ? [] : [problem(path, `${misfit}, got ${JSON.stringify(text)}`)];
      }),
    ),
  );
  const unknown = nodes
    .filter(({ name, reads }) => reads.length > 0 && isExpectNeeded(datasets, name))
    .map(({ name }) =>
      problem(
        [name],
        'the key expect, because neither its rules nor its inputs say which partitions it is to have',
      ),
    );
  const sorted = graphOrder(nodes);
  if (!('cycle' in sorted)) return rules.length > 0 ? rules : unknown;
  const [from = '', to = ''] = sorted.cycle;
  const key = nodes.find(({ name }) => name === from)?.inputs[to] === undefined ? 'reference' : 'inputs';
  return [
    ...rules,
    problem(
      [from, key, to],
      `datasets that do not read each other in a cycle: ${sorted.cycle.join(' reads ')}`,
    ),
  ];
}

const functionRule = (path: string): Rule => ({ kind: 'function', path, named: new Map() });

/**
 * Whether it is known which partitions a dataset is to have: by its own `expect`, or by a rule that names a range of an input of which
 * it is known.
 */
function isExpected(
  datasets: Readonly<Record<string, unknown>>,
  name: string,
  above: readonly string[] = [],
): boolean {
  const dataset = datasets[name];
  if (Expecting.safeParse(dataset).success) return true;
  if (!isDerived(dataset) || above.includes(name)) return false;
  return Object.entries(Read.parse(dataset).inputs).some(
    ([input, rule]) =>
      rule !== 'all' &&
      typeof rule === 'string' &&
      !isHourly(datasets[input]) &&
      isExpected(datasets, input, [...above, name]),
  );
}

/** Without that, no run would ever build it. */
const isExpectNeeded = (datasets: Readonly<Record<string, unknown>>, name: string): boolean =>
  isDerived(datasets[name]) &&
  unitOf(datasets[name]) !== undefined &&
  !Object.hasOwn(datasets[name] as object, 'expect') &&
  !isExpected(datasets, name);

const Expecting = z.object({ expect: z.object({ from: z.string() }) });

const isHourly = (dataset: unknown): boolean =>
  Partitioned.safeParse(dataset).data?.partition.unit === 'hour';

const Group = z.object({ datasets: z.array(z.string()) });

/** Publications of datasets that are not in the file, or that are made of files. */
export function publicationProblems(
  document: Document,
  {
    datasets,
    publications,
  }: {
    readonly datasets: Readonly<Record<string, unknown>>;
    readonly publications: Readonly<Record<string, unknown>>;
  },
): ConfigProblem[] {
  const derived = Object.keys(datasets).filter((name) => isDerived(datasets[name]));
  return Object.entries(publications).flatMap(([name, publication]) =>
    (Group.safeParse(publication).data?.datasets ?? []).flatMap((member, index) => {
      if (derived.includes(member)) return [];
      const path = ['publications', name, 'datasets', index];
      const message = `expected a derived dataset of this file, got ${JSON.stringify(member)}${didYouMean(member, derived)}`;
      return [{ path, offset: offsetOf(document, path, 'value'), message }];
    }),
  );
}

const Formatted = z.object({ store: z.object({ format: z.union([z.string(), z.array(z.string())]) }) });

function isTextOnly(dataset: unknown): boolean {
  const format = Formatted.safeParse(dataset).data?.store.format;
  return format !== undefined && [format].flat().includes('tsv') && ![format].flat().includes('parquet');
}

function unitOf(dataset: unknown): Unit | undefined {
  const unit = Partitioned.safeParse(dataset).data?.partition.unit;
  return unit === 'day' || unit === 'month' ? unit : undefined;
}
