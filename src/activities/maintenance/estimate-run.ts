import { z } from 'zod';
import { Terminal } from '../../clients/errors.ts';
import type { ObjectStore } from '../../clients/object-store.ts';
import { bypassingSlots } from '../../clients/warehouse.ts';
import type { Check } from '../../contract/maintenance.ts';
import type { PlanPipelineInput, PlanPipelineResult } from '../../contract/plan-pipeline.ts';
import { PipelineDefinition, PipelineName } from '../../pipeline/definition/pipeline-definition.ts';
import { assumptionsOf } from '../../pipeline/estimate/assumptions.ts';
import { itemSize } from '../../pipeline/estimate/item-size.ts';
import type { Stopper } from '../../pipeline/estimate/pipeline-plan.ts';
import { PRICE_NAMES, type Prices, pricesWith } from '../../pipeline/estimate/prices.ts';
import { estimateScan, isCounted, type SampleSize } from '../../pipeline/estimate/scan-estimate.ts';
import { A_SAMPLE, schemaOfSample } from '../../pipeline/estimate/schema-of-sample.ts';
import { estimateTables } from '../../pipeline/estimate/table-estimates.ts';
import { Refusal } from '../../pipeline/failure/refusal.ts';
import type { Key } from '../../pipeline/item/key.ts';
import type { Mapping } from '../../pipeline/mapping/mapping.ts';
import { likelyDictionaries, withoutInnerNames } from '../../pipeline/mapping/suggest/likely-dictionaries.ts';
import {
  beyondSchema,
  type Unmatched,
  UnmatchedSettings,
  unmatchedTexts,
} from '../../pipeline/mapping/unmatched.ts';
import { segmentsAtOnce } from '../../pipeline/run/plan.ts';
import { otherKeyText } from '../../pipeline/run/seal/mapping-notes.ts';
import { mayLeaveNothing, nothingLeft } from '../../pipeline/run/seal/nothing-copied.ts';
import { refuseOtherKey } from '../../pipeline/schema/agree.ts';
import type { AgreedSchema } from '../../pipeline/schema/agreed-schema.ts';
import { allChanges, diffLines, stoppingChanges } from '../../pipeline/schema/drift.ts';
import { refuseHiddenKey } from '../../pipeline/schema/refuse-hidden-key.ts';
import { refuseNarrowTypes, refuseTakenNames } from '../../pipeline/schema/refuse-mapping.ts';
import { tooManyTables } from '../../pipeline/schema/refuse-tables.ts';
import { withNaming } from '../../pipeline/schema/with-naming.ts';
import type { Seen } from '../../pipeline/seen/seen.ts';
import { counted } from '../../pipeline/text/measures.ts';
import { findAgreed } from '../../store/agreed-schema-file.ts';
import { hashedOtherwise } from '../live/hashed-otherwise.ts';
import { observeLive } from '../live/live-schema.ts';
import { countBySlices } from '../run/count-by-slices.ts';
import { type FoundSource, findSource } from '../run/find-source.ts';
import { segmentCount } from '../run/plan-run.ts';
import { sampleOf, samplePace } from '../run/sample-table.ts';
import { definitionFor } from '../runtime/definition-for.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { hashKeyId } from '../runtime/hash-key.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { checkBucket } from './check-bucket.ts';
import { checkWarehouse } from './check-warehouse.ts';

/** Parsed, because anyone can start the workflow with any input. */
const Request = z.strictObject({
  pipeline: PipelineName,
  definition: PipelineDefinition.optional(),
  segments: z.number().int().min(1).max(2000).optional(),
  prices: z.partialRecord(z.enum(PRICE_NAMES), z.number().nonnegative()).optional(),
});

/** Columns listed by name, in all tables together: a result must fit into a payload of Temporal. */
const MOST_NAMED = 2000;
const MOST_CHANGES = 100;

type Found = Omit<PlanPipelineResult, 'pipeline' | 'source' | 'schema' | 'prices' | 'stoppers'>;

/**
 * Estimates what a run would take, by DynamoDB's description of the table and a sample like the one that a run begins
 * with, and finds what would stop it.
 */
export async function estimateRun(deps: Dependencies, input: PlanPipelineInput): Promise<PlanPipelineResult> {
  const { pipeline, segments, prices: own } = Request.parse(input);
  const definition = await definitionFor(deps, input);
  const prices = pricesWith(own);
  // Even if our own statements hold all slots, the checks must get an answer.
  const checking: Dependencies = {
    ...deps,
    warehouse: (target) => bypassingSlots(deps.warehouse(target)),
    store: (bucket) => leavingProbes(deps.store(bucket)),
  };
  return whileHeartbeating(
    () => 'reading a sample and checking the services',
    async (signal) => {
      const stoppers = new Stoppers();
      const [found, ...checks] = await Promise.all([
        estimate(deps, { pipeline, definition, segments, prices }, stoppers, signal),
        checkBucket(checking, pipeline, definition, signal),
        checkWarehouse(checking, pipeline, definition, signal),
      ]);
      for (const check of checks.flat()) stoppers.addProblem(check);
      const { source, warehouse } = definition;
      return {
        ...{ pipeline, source: source.table, schema: warehouse.schema },
        ...found,
        stoppers: stoppers.all(),
        prices,
      };
    },
  );
}

/** A run needs no permission to delete. If the worker lacks it, the checks leave their probes behind. */
function leavingProbes(store: ObjectStore): ObjectStore {
  return {
    ...store,
    delete: (keys, options) =>
      store.delete(keys, options).catch((error: unknown) => {
        if (!(error instanceof Terminal)) throw error;
      }),
  };
}

interface Wanted {
  readonly pipeline: string;
  readonly definition: PipelineDefinition;
  readonly segments: number | undefined;
  readonly prices: Prices;
}

async function estimate(
  deps: Dependencies,
  wanted: Wanted,
  stoppers: Stoppers,
  signal: AbortSignal,
): Promise<Found> {
  const { pipeline } = wanted;
  const { staging, source, destination } = wanted.definition;
  const opened = await stoppers.catch(() => findSource(deps, wanted.definition, signal));
  if (opened === undefined) return { tables: [], assumptions: [] };
  const { described } = opened;
  const agreed = await stoppers.catch(() =>
    findAgreed(deps.store(staging.bucket), { prefix: staging.prefix, pipeline, destination }, signal),
  );
  const mapping = withNaming(wanted.definition.mapping, agreed);
  const definition = { ...wanted.definition, mapping };
  const by = { pipeline, ...described, mapping };
  const keyId = await stoppers.catch(() => hashKeyId(deps.hashKey, mapping));
  await stoppers.catch(() => refuseHiddenKey(mapping, described.key));
  await stoppers.catch(() => refuseOtherKey(agreed, by));
  await stoppers.catch(() => refuseTakenNames(agreed, by));
  const segments = segmentCount(wanted.segments ?? source.segments, described);
  const sample = await stoppers.catch(() => sampleFor(opened, definition, segments, signal));
  const otherKey = await hashedBefore(deps, pipeline, definition, keyId, signal);
  if (sample === undefined) return { tables: [], assumptions: [] };
  await stoppers.catch(() => refuseNarrowTypes(by, sample.seen, A_SAMPLE));
  const wholeAt = sample.size.isWhole ? new Date(deps.nowMs()) : undefined;
  const after = await stoppers.catch(() => schemaOfSample(agreed, { ...by, seen: sample.seen, wholeAt }));
  const slices =
    described.export !== undefined || isCounted({ described, sample: sample.size })
      ? undefined
      : await countBySlices(deps, definition, segments, samplePace(source, described), signal);
  const scan = estimateScan({
    ...{ described, sample: sample.size, counted: slices, segments, prices: wanted.prices },
    segmentsAtOnce: segmentsAtOnce({ definition, segments }),
    readUnitsPerSecond: source.readUnitsPerSecond,
    consistentRead: source.consistentRead,
    fromExport: described.export !== undefined,
    provisionedUnits: described.readCapacityUnits,
    tables: after?.tables.length ?? 1,
    cutBytes: staging.cutBytes,
    cutSeconds: staging.cutSeconds,
  });
  const scale = sample.size.items === 0 ? 0 : scan.items / sample.size.items;
  const changes =
    agreed === undefined || after === undefined ? undefined : diffLines(allChanges(agreed, after));
  if (after !== undefined) stopForTables(stoppers, definition, agreed, after, sample.seen);
  if (after !== undefined)
    stopForChanges(stoppers, diffLines(stoppingChanges(agreed, after, definition.onDrift)).length);
  stopForRejects(stoppers, definition, sample);
  const nothing = definition.allowEmpty ? undefined : nothingOf(sample, mapping, described.key);
  if (nothing !== undefined && sample.size.isWhole) {
    stoppers.add({
      what: 'NothingCopied',
      found: nothing,
      whatToDo: 'Correct the names and values there. If live is meant to be empty, set allowEmpty: true.',
    });
  }
  const warnings = [
    ...(nothing === undefined || sample.size.isWhole
      ? []
      : [`In the sample, ${nothing}: if this holds for the table, the run stops (NothingCopied).`]),
    ...unmatchedWarnings(sample, agreed),
    ...(otherKey === undefined ? [] : [otherKeyText(otherKey)]),
  ];
  return {
    scan,
    tables:
      after === undefined
        ? []
        : estimateTables(agreed, after, sample.seen, scale, MOST_NAMED).sort((a, b) => b.rows - a.rows),
    ...(changes === undefined ? {} : { changes: firstOf(changes) }),
    ...(warnings.length === 0 ? {} : { warnings: firstOf(warnings) }),
    assumptions: assumptionsOf(scan, wanted.prices, sample.size.items, sample.filtered),
  };
}

interface Sampled {
  readonly seen: Seen;
  readonly size: SampleSize;
  readonly rejects: ReadonlyMap<string, number>;
  readonly filtered: number;
  /** What no item of it matched. */
  readonly unmatched: Unmatched | undefined;
}

async function sampleFor(
  { source, described }: FoundSource,
  definition: PipelineDefinition,
  segments: number,
  signal: AbortSignal,
): Promise<Sampled> {
  const size = { items: 0, bytes: 0, readUnits: 0, isWhole: true };
  const rejects = new Map<string, number>();
  let filtered = 0;
  const settings = new UnmatchedSettings(definition.mapping, described.key);
  const { seen } = await sampleOf(source, definition, described, segments, signal, (page, shredded) => {
    size.items += page.count;
    for (const item of page.items) {
      size.bytes += itemSize(item);
      settings.see(item);
    }
    size.readUnits += page.readUnits;
    size.isWhole &&= page.next === undefined;
    filtered += shredded.filter(({ kind }) => kind === 'filtered').length;
    for (const each of shredded)
      if (each.kind === 'rejected') rejects.set(each.reason, (rejects.get(each.reason) ?? 0) + 1);
  });
  const unmatched = settings.result({ redacted: definition.redactValues });
  return { seen, size, rejects, filtered, unmatched };
}

/** The live run, if it hashed with another key. What is wrong with the warehouse is found by its own checks. */
async function hashedBefore(
  deps: Dependencies,
  pipeline: string,
  { staging, warehouse }: PipelineDefinition,
  keyId: string | undefined,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (keyId === undefined) return undefined;
  const of = { pipeline, bucket: staging.bucket, prefix: staging.prefix };
  try {
    const live = await observeLive(
      { ...deps, warehouse: (target) => bypassingSlots(deps.warehouse(target)) },
      warehouse,
      signal,
    );
    return await hashedOtherwise(deps.store(staging.bucket), of, live, keyId, signal);
  } catch (error) {
    if (!(error instanceof Terminal)) throw error;
    return undefined;
  }
}

/** Why nothing of the sample would be copied; undefined if something would. */
function nothingOf(
  { size, filtered, rejects, unmatched }: Sampled,
  mapping: Mapping,
  key: Key,
): string | undefined {
  const { include = [] } = mapping;
  const missing = unmatched?.settings.filter(({ setting }) => setting === 'include').length ?? 0;
  return nothingLeft({
    ...{ items: size.items, filtered, rejects: [...rejects.values()].reduce((sum, n) => sum + n, 0) },
    hasIncluded: !mayLeaveNothing(mapping, key) || missing < include.length,
  });
}

function unmatchedWarnings({ unmatched }: Sampled, agreed: AgreedSchema | undefined): string[] {
  if (unmatched === undefined) return [];
  return unmatchedTexts(agreed === undefined ? unmatched : beyondSchema(unmatched, agreed));
}

function stopForTables(
  stoppers: Stoppers,
  { mapping, redactValues: redacted }: PipelineDefinition,
  agreed: AgreedSchema | undefined,
  after: AgreedSchema,
  seen: Seen,
): void {
  const likely = likelyDictionaries(seen, { isSample: true });
  const dictionaries = redacted ? withoutInnerNames(likely) : likely;
  const { maxTables } = mapping;
  const tooMany = tooManyTables(agreed, after, { maxTables, seen, dictionaries, redacted });
  if (tooMany !== undefined) stoppers.add({ what: 'TooManyTables', found: tooMany });
}

function stopForChanges(stoppers: Stoppers, changes: number): void {
  if (changes === 0) return;
  stoppers.add({
    what: 'SchemaDrifted',
    found: `the sample shows ${counted(changes, 'change')} of the agreed schema that onDrift stops for`,
    whatToDo: 'Accept it with "--accept-drift", or fix the items or the mapping.',
  });
}

/** The run counts all items; if the sample alone has too many rejects, it would stop. */
function stopForRejects(stoppers: Stoppers, { maxRejects }: PipelineDefinition, { rejects }: Sampled): void {
  const all = [...rejects.values()].reduce((sum, n) => sum + n, 0);
  if (all <= maxRejects) return;
  const reasons = [...rejects].map(([reason, n]) => `${reason} (${n})`).join('; ');
  stoppers.add({
    what: 'TooManyRejects',
    found: `${counted(all, 'item')} of the sample would be set aside, and maxRejects is ${maxRejects}: ${reasons}`,
    whatToDo: 'Fix the items, or raise maxRejects.',
  });
}

function firstOf(lines: string[]): string[] {
  if (lines.length <= MOST_CHANGES) return lines;
  return [...lines.slice(0, MOST_CHANGES), `and ${lines.length - MOST_CHANGES} more`];
}

/** What would stop a run, each once. */
class Stoppers {
  readonly #found = new Map<string, Stopper>();

  add(stopper: Stopper): void {
    if (!this.#found.has(stopper.found)) this.#found.set(stopper.found, stopper);
  }

  addProblem({ state, area, what, found, whatToDo }: Check): void {
    if (state !== 'problem') return;
    this.add({ what: `${area}: ${what}`, found, ...(whatToDo === undefined ? {} : { whatToDo }) });
  }

  /** @returns undefined if the work cannot be done until an operator acts; other errors are thrown, to be retried */
  async catch<T>(work: () => T | Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Terminal) && !(error instanceof Refusal)) throw error;
      this.add({ what: error.code, found: error.message });
      return undefined;
    }
  }

  all(): Stopper[] {
    return [...this.#found.values()];
  }
}
