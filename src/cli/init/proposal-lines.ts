import type { NewPipeline } from '../../config/proposal-yaml.ts';
import { planRows, planTables } from '../../pipeline/estimate/pipeline-plan.ts';
import { pricesWith } from '../../pipeline/estimate/prices.ts';
import type { PipelineProposal } from '../../pipeline/proposal/propose-pipeline.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { counted } from '../terminal/measures.ts';
import type { Palette } from '../terminal/palette.ts';
import { textTable } from '../terminal/text-table.ts';
import type { ConfigFile } from './config-file.ts';

/** The measures of a plan that matter for a first look. */
const SHOWN = ['items', 'size', 'on-demand price', 'time', 'Redshift space'];
const MOST_TABLES = 12;

/** What was found in a table, and what a run would create and cost. */
export function proposalLines(proposal: PipelineProposal, colours: Palette): string[] {
  const { source, entities, dictionaries, times, dates, scan, tables, rejects } = proposal;
  const key = source.key.map(({ name, kind }) => `${name} (${kind})`).join(', ');
  const plan = {
    pipeline: '',
    source: '',
    schema: '',
    scan,
    tables,
    stoppers: [],
    prices: pricesWith(),
    assumptions: [],
  };
  const findings = [
    ...(entities === undefined
      ? []
      : [['entities', `${entities.entities.map(({ name }) => name).join(', ')}: by ${entities.by}`]]),
    ...dictionaries.map(({ path, names }) => ['rows', `${path}: a dictionary of ${counted(names, 'name')}`]),
    ...times.epochs.map(({ path, unit, from, to }) => [
      'time',
      `${path}: a number in ${unit}, ${from} to ${to}`,
    ]),
    ...times.emptyOrTime.map((path) => ['time', `${path}: empty text becomes NULL`]),
    ...(dates.length === 0
      ? []
      : [
          [
            'time',
            `${counted(dates.length, 'column')} of text: ${dates.slice(0, 5).join(', ')}${dates.length > 5 ? ' …' : ''}`,
          ],
        ]),
    ...[...rejects].map(([reason, n]) => [
      colours.yellow('set aside'),
      `${counted(n, 'item')} of the sample: ${reason}`,
    ]),
  ];
  const measures = planRows(plan)
    .filter(([what]) => SHOWN.includes(what))
    .map(([what, value, note]) => [what, value, colours.dim(note)]);
  return [
    '',
    `${colours.bold(source.tableName)}, key ${key}`,
    ...textTable([{ title: '' }, { title: '' }, { title: '' }], measures).map(indented),
    ...textTable([{ title: '' }, { title: '' }], findings).map(indented),
    ...textTable(
      [
        { title: 'table', mostWidth: 40 },
        { title: 'rows', align: 'right' },
        { title: 'columns', align: 'right' },
      ],
      planTables({ tables: tables.slice(0, MOST_TABLES) }).map((cells) => cells.slice(0, 3)),
      colours.dim,
    ).map(indented),
    ...(tables.length > MOST_TABLES
      ? [`  and ${counted(tables.length - MOST_TABLES, 'more table', 'more tables')}`]
      : []),
    '',
  ];
}

const indented = (line: string): string => `  ${line}`;

export interface Written {
  readonly file: ConfigFile;
  readonly pipelines: readonly NewPipeline[];
  /** The region of the tables; undefined with the local stack, which has its own. */
  readonly region: string | undefined;
  readonly config: string | undefined;
}

/** What was written, and the commands that come next. */
export function nextSteps({ file, pipelines, region, config }: Written, colours: Palette): string[] {
  const names = pipelines.map(({ name }) => name);
  const given = config === undefined ? '' : ` --config ${config}`;
  const did = file.text === undefined ? 'Wrote' : 'Added to';
  const steps = [
    [`${TRIBUTARY} config check${given}`, 'check the file after you have changed it'],
    ...(region === undefined
      ? []
      : [[`AWS_REGION=${region} ${TRIBUTARY} worker${given}`, 'start a worker, if none runs yet']]),
    [`${TRIBUTARY} plan ${names.join(' ')}${given}`, 'what a run would read, cost and create'],
    [`${TRIBUTARY} run ${names.join(' ')} --wait${given}`, 'copy'],
  ];
  return [
    `${colours.green('✓')} ${did} ${file.path}: ${names.join(', ')}`,
    '',
    'Next:',
    ...textTable(
      [{ title: '' }, { title: '' }],
      steps.map(([command = '', what = '']) => [command, colours.dim(what)]),
    ).map(indented),
  ];
}
