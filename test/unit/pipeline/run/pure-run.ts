import { type Layout, layoutId } from '../../../../src/pipeline/columns/layout.ts';
import { columnsByTable, nextLayouts } from '../../../../src/pipeline/columns/layout-growth.ts';
import { sealLayouts } from '../../../../src/pipeline/columns/seal-layouts.ts';
import { PipelineDefinition } from '../../../../src/pipeline/definition/pipeline-definition.ts';
import { Refusal } from '../../../../src/pipeline/failure/refusal.ts';
import type { Item } from '../../../../src/pipeline/item/attribute.ts';
import { NULL_TEXT } from '../../../../src/pipeline/item/csv.ts';
import type { Key } from '../../../../src/pipeline/item/key.ts';
import type { Path } from '../../../../src/pipeline/item/path.ts';
import type { PartFile } from '../../../../src/pipeline/load/part-file.ts';
import type { Mapping } from '../../../../src/pipeline/mapping/mapping.ts';
import {
  firstLayouts,
  heldBeyond,
  layoutsFor,
  limitsOf,
  limitsWhileReading,
} from '../../../../src/pipeline/run/first-layouts.ts';
import type { Manifest } from '../../../../src/pipeline/run/manifest.ts';
import type { Plan } from '../../../../src/pipeline/run/plan.ts';
import { buildManifest } from '../../../../src/pipeline/run/seal/seal.ts';
import { columnsHeld, observationOf } from '../../../../src/pipeline/run/seal/seal-input.ts';
import type { Checkpoint } from '../../../../src/pipeline/run/segments/checkpoint.ts';
import { agree } from '../../../../src/pipeline/schema/agree.ts';
import type { AgreedSchema } from '../../../../src/pipeline/schema/agreed-schema.ts';
import { refuseNarrowTypes, refuseTakenNames } from '../../../../src/pipeline/schema/refuse-mapping.ts';
import { withNaming, withNamingOf } from '../../../../src/pipeline/schema/with-naming.ts';
import { emptySeen, mergeSeen, withoutColumns, withoutCounts } from '../../../../src/pipeline/seen/seen.ts';
import { boundedSeen } from '../../../../src/pipeline/seen/seen-bounds.ts';
import { seenOf, type Written, write } from '../load/part-files.ts';
import { readCsv } from '../mapping/read-csv.ts';

/** A row as COPY would load it: text by column name, without its NULLs. */
type LoadedRow = ReadonlyMap<string, string>;

/** A sealed run without a warehouse: its tables are what COPY would load. */
export interface PureRun {
  readonly plan: Plan;
  readonly agreed: AgreedSchema;
  readonly manifest: Manifest;
  readonly loaded: ReadonlyMap<Path, readonly LoadedRow[]>;
  readonly rejected: readonly Item[];
  /** What a replay takes over. */
  readonly extracted: Extracted;
}

interface Cut {
  readonly written: Written;
  readonly items: number;
}

interface Extracted {
  readonly cuts: readonly Cut[];
  readonly mapping: Mapping;
}

const PLANNED_AT = Date.UTC(2026, 10, 1);

/**
 * A run from its plan to its sealed tables, by the rules of the activities, in memory.
 * @returns the code if the plan refuses the mapping. Anything else that fails throws.
 */
export function pureRun(
  before: PureRun | undefined,
  items: readonly Item[],
  wanted: Mapping,
  key: Key,
  sampled: number,
): PureRun | string {
  const mapping = withNaming(wanted, before?.agreed);
  const number = (before?.agreed.runs.length ?? 0) + 1;
  const tableName = 'Things';
  let layouts: readonly Layout[];
  try {
    refuseTakenNames(before?.agreed, { pipeline: 'p', tableName, key, mapping });
    const sample = seenOf(items.slice(0, sampled), key, mapping);
    refuseNarrowTypes({ mapping, key }, sample, 'a sample');
    layouts = firstLayouts(before?.agreed, sample, key, mapping);
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
  const plan = {
    ...planOf(number, tableName, key, mapping, layouts),
    held: heldBeyond(before?.agreed, layouts),
  };
  const half = Math.ceil(items.length / 2);
  let seen = emptySeen();
  const cuts = [items.slice(0, half), items.slice(half)].map((some): Cut => {
    const written = write(some, key, layouts, mapping);
    seen = boundedSeen(mergeSeen(seen, written.seen));
    layouts = nextLayouts(layouts, seen, key, limitsWhileReading(plan));
    return { written, items: some.length };
  });
  return seal(before?.agreed, plan, { cuts, mapping });
}

/** A replay of the items that a run set aside. */
export function pureReplay(before: PureRun, wanted: Mapping, key: Key): PureRun | string {
  const mapping = withNamingOf(wanted, before.plan.definition.mapping);
  const number = before.agreed.runs.length + 1;
  const { tableName } = before.plan.source;
  const earlier = before.extracted;
  try {
    refuseTakenNames(before.agreed, { pipeline: 'p', tableName, key, mapping });
    const seen = earlier.cuts.map(({ written }) => written.seen).reduce(mergeSeen);
    refuseNarrowTypes({ mapping, key }, seen, 'the run');
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
  const plan: Plan = {
    ...planOf(number, tableName, key, mapping, before.plan.layouts),
    refersTo: { run: before.plan.run, mapping: earlier.mapping },
    held: heldBeyond(before.agreed, before.plan.layouts),
  };
  const items = before.rejected;
  const limits = {
    ...limitsWhileReading(plan),
    held: columnsByTable([...plan.layouts, ...(plan.held ?? [])]),
  };
  const { layouts } = sealLayouts(seenOf(items, key, mapping), key, limits, []);
  const written = write(items, key, layoutsFor(mapping, layouts), mapping);
  const cuts = earlier.cuts.map(
    (cut): Cut => ({
      items: cut.items - cut.written.rejected.length,
      written: { ...cut.written, rejected: [] },
    }),
  );
  return seal(before.agreed, plan, {
    cuts: [...cuts, { written, items: items.length }],
    mapping: earlier.mapping,
  });
}

function seal(before: AgreedSchema | undefined, plan: Plan, extracted: Extracted): PureRun {
  const { key } = plan.source;
  const files: PartFile[] = [];
  const texts = new Map<string, string>();
  const layoutsUsed = new Map<string, Layout>();
  const store = (name: string, written: Written): PartFile[] =>
    written.files.flatMap(({ layout, text, rows }) => {
      if (rows === 0) return [];
      const id = layoutId(layout, key);
      const at = `${name}/${id}`;
      texts.set(at, text);
      layoutsUsed.set(id, layout);
      return [{ key: at, etag: '', table: layout.table, layout: id, rows, bytes: 1, rawBytes: 1 }];
    });
  const checkpoints = extracted.cuts.map(({ written, items }, i): Checkpoint => {
    const some = store(`cut ${i}`, written);
    files.push(...some);
    const rejected = written.rejected.length;
    return {
      version: 2,
      run: plan.run,
      segment: i,
      number: 1,
      attempt: 'a',
      pages: 1,
      items,
      readUnits: 0,
      startedAt: plan.plannedAt,
      endedAt: plan.plannedAt,
      layouts: {},
      files: some,
      rejectReasons: rejected === 0 ? {} : { 'set aside': rejected },
      ...(written.odd.length === 0
        ? {}
        : { odd: { key: 'odd', etag: '', items: written.odd.length, bytes: 1 } }),
      seen: written.seen,
    };
  });
  const all = extracted.cuts.map(({ written }) => written.seen).reduce(mergeSeen, emptySeen());
  const limits = {
    held: columnsHeld(plan, layoutsUsed.values(), before),
    ...limitsOf(extracted.mapping),
  };
  const { past, layouts } = sealLayouts(boundedSeen(all), key, limits, plan.layouts);
  let seen = withoutColumns(all, past);
  agree(before, observationOf(plan, layoutsUsed.values(), seen), Date.parse(plan.plannedAt));
  const odd = write(
    extracted.cuts.flatMap(({ written }) => written.odd),
    key,
    layoutsFor(extracted.mapping, layouts),
    extracted.mapping,
  );
  if (odd.odd.length > 0 || odd.rejected.length > 0) throw new Error('an odd item did not fit');
  const inFiles = extracted.cuts
    .map(({ written }) => withoutCounts(written.seen, written.oddSeen))
    .reduce(mergeSeen, emptySeen());
  seen = mergeSeen(withoutColumns(inFiles, past), odd.seen);
  const oddFiles = store('odd', odd);
  const agreed = agree(before, observationOf(plan, layoutsUsed.values(), seen), Date.parse(plan.plannedAt));
  const manifest = buildManifest({
    ...{ plan, checkpoints, seen, oddFiles, agreed },
    oddRejects: { rejects: [], rejectReasons: {} },
    layouts: layoutsUsed,
    sealedAt: plan.plannedAt,
  });
  const loaded = new Map(
    manifest.tables.map((table) => [
      table.path,
      table.files.flatMap(({ key: at, layout }) => {
        const names = table.layouts[layout] as string[];
        return readCsv(texts.get(at) as string, NULL_TEXT).map((record): LoadedRow => {
          if (record.length !== names.length) throw new Error(`${record.length} fields, not ${names.length}`);
          return new Map(
            record.flatMap((text, i) => (text === null ? [] : [[names[i] as string, text] as const])),
          );
        });
      }),
    ]),
  );
  const rejected = extracted.cuts.flatMap(({ written }) => written.rejected.map(({ item }) => item));
  return { plan, agreed, manifest, loaded, rejected, extracted };
}

function planOf(
  number: number,
  tableName: string,
  key: Key,
  mapping: Mapping,
  layouts: readonly Layout[],
): Plan {
  return {
    version: 1,
    pipeline: 'p',
    run: `r${number}`,
    owner: { workflowId: 'w', firstExecutionRunId: 'f' },
    plannedAt: new Date(PLANNED_AT + number * 86_400_000).toISOString(),
    definition: PipelineDefinition.parse({
      source: { kind: 'dynamodb', table: tableName },
      staging: { bucket: 'runs' },
      warehouse: {
        kind: 'redshift',
        workgroup: 'local',
        database: 'dev',
        schema: 'live',
        iamRole: 'default',
      },
      mapping,
    }),
    source: { tableName, key, approximateItems: 0, approximateBytes: 0 },
    segments: 1,
    layouts: [...layouts],
  };
}
