import { Terminal } from '../../clients/errors.ts';
import type { Phase, RefreshInput } from '../../contract/refresh.ts';
import type { ControlActivities, RunOverview } from '../../contract/refresh-activities.ts';
import { destinationOf } from '../../pipeline/definition/pipeline.ts';
import { PipelineDefinition, RunName } from '../../pipeline/definition/pipeline-definition.ts';
import { tablesAtOnce } from '../../pipeline/definition/tables-at-once.ts';
import { NULL_TEXT } from '../../pipeline/item/csv.ts';
import { withheldId } from '../../pipeline/mapping/hide/withheld-id.ts';
import { typesIn } from '../../pipeline/mapping/mapping.ts';
import { likelyDictionaries, withoutInnerNames } from '../../pipeline/mapping/suggest/likely-dictionaries.ts';
import { sampleShapes } from '../../pipeline/mapping/suggest/sample-shapes.ts';
import { UnmatchedSettings } from '../../pipeline/mapping/unmatched.ts';
import type { LiveState } from '../../pipeline/replace/live-state.ts';
import { firstLayouts, heldBeyond } from '../../pipeline/run/first-layouts.ts';
import { type Plan, segmentsAtOnce } from '../../pipeline/run/plan.ts';
import type { Owner, RunRef } from '../../pipeline/run/run-ref.ts';
import { autoSegments } from '../../pipeline/run/segments/auto-segments.ts';
import { refuseOtherKey } from '../../pipeline/schema/agree.ts';
import { driftCounts } from '../../pipeline/schema/drift.ts';
import { begun } from '../../pipeline/schema/epoch.ts';
import { refuseHiddenKey } from '../../pipeline/schema/refuse-hidden-key.ts';
import { refuseNarrowTypes, refuseTakenNames } from '../../pipeline/schema/refuse-mapping.ts';
import { withNaming } from '../../pipeline/schema/with-naming.ts';
import { counted } from '../../pipeline/text/measures.ts';
import { findSchema } from '../../store/agreed-schema-file.ts';
import { claim } from '../../store/claim.ts';
import { findDocument } from '../../store/document.ts';
import { findManifest, planDocument, readPlan } from '../../store/run-files.ts';
import { whoListens } from '../alerts/who-listens.ts';
import { exportsWanted } from '../changes/followed-table.ts';
import { openEpoch } from '../changes/open-epoch.ts';
import { hashedOtherwise } from '../live/hashed-otherwise.ts';
import { observeLive, refuseForeign } from '../live/live-schema.ts';
import { refuseStoppers } from '../live/refuse-stoppers.ts';
import { definitionFor, definitionForRun } from '../runtime/definition-for.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { hashKeyId } from '../runtime/hash-key.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { sharedTime } from '../runtime/shared-clock.ts';
import { proveCopyAllowed } from '../sql/prove-copy-allowed.ts';
import { isSearchable } from '../temporal/is-searchable.ts';
import { planOverLive } from './find-reusable.ts';
import { findSource, type SourceDescription } from './find-source.ts';
import { type EarlierRun, epochIn, type PlanOfSource, planOverEarlier } from './plan-over-earlier.ts';
import { requestExport } from './request-export.ts';
import { sampleOf } from './sample-table.ts';
import { startInLog, startOfScan, untilSettled } from './start-in-log.ts';

const MOST_NOTES = 10;

const REPLACING: readonly Phase[] = ['prepare', 'load', 'verify', 'replace'];

type PlanInput = { readonly request: RefreshInput; readonly owner: Owner; readonly startedAt: string };

/**
 * Writes `plan.json`, after every check that can be made before hours of extraction: the table exists and may be read,
 * the bucket may be written, the warehouse answers, and the live schema belongs to this pipeline and holds nothing that a
 * replacement would lose.
 */
export async function planRun(
  deps: Dependencies,
  { request, owner, startedAt }: PlanInput,
): Promise<RunOverview> {
  const definition = await definitionToPlan(deps, request);
  const run = RunName.parse(request.run ?? runName(startedAt, owner));
  const ref = refOf(request.pipeline, run, definition);
  const store = deps.store(ref.bucket);
  let doing = 'planning';
  return whileHeartbeating(
    () => doing,
    async (signal) => {
      const planned = planDocument(store, ref);
      const isMine = ({ owner: other }: Plan) =>
        other.workflowId === owner.workflowId && other.firstExecutionRunId === owner.firstExecutionRunId;
      const draft = async (): Promise<Plan> => {
        let live: LiveState | undefined;
        if (REPLACING.includes(request.to ?? 'replace')) {
          live = await observeLive(deps, definition.warehouse, signal);
          const { schema } = definition.warehouse;
          refuseForeign(schema, request.pipeline, live);
          const replacing = { schema, live, newTables: undefined, when: 'plan' as const };
          await refuseStoppers(deps.warehouse(definition.warehouse), replacing, signal);
          await proveCopyAllowed(deps, ref, definition.warehouse, signal);
        }
        const earlier = earlierOf(request);
        const overLive = request.preferReuse === true && earlier === undefined;
        const preferred = overLive ? await planOverLive(deps, { ref, definition, live }, signal) : undefined;
        const read = async () =>
          earlier === undefined
            ? await newPlan(deps, ref, definition, request.segments, signal, (now) => {
                doing = now;
              })
            : await planOverEarlier(store, ref, definition, earlier, signal);
        const found = preferred?.plan ?? (await read());
        const otherwise = await hashedOtherwise(store, ref, live, found.hashKeyId, signal);
        return {
          version: 1,
          pipeline: request.pipeline,
          run,
          owner,
          ...found,
          ...(preferred === undefined ? {} : { origin: preferred.origin }),
          ...(otherwise === undefined ? {} : { hashedOtherwise: otherwise }),
        };
      };
      const plan =
        (await findDocument(planned, signal)) ?? (await claim(planned, await draft(), isMine, signal)).value;
      if (!isMine(plan)) {
        throw new Terminal(
          'RunExists',
          `Run ${run} of ${request.pipeline} already exists, started by workflow ${plan.owner.workflowId} at ` +
            `${plan.plannedAt}. Name the phase to resume it from ("from"), or let Tributary name a new run.`,
        );
      }
      return overviewOf(deps, ref, plan, definition);
    },
  );
}

/** The run whose part files are taken. */
function earlierOf({ replay, reuse }: RefreshInput): EarlierRun | undefined {
  const run = replay ?? reuse;
  return run === undefined ? undefined : { run, isReplay: replay !== undefined };
}

/** A run over an earlier one's part files is for the destination of that one. */
async function definitionToPlan(deps: Dependencies, request: RefreshInput): Promise<PipelineDefinition> {
  const of = earlierOf(request);
  if (of === undefined) return definitionFor(deps, request);
  const { bucket, prefix } = await stagingFor(deps, request);
  const earlier = { pipeline: request.pipeline, run: RunName.parse(of.run), bucket, prefix };
  const plan = await whileHeartbeating(
    () => `reading run ${earlier.run}`,
    (signal) => readPlan(deps.store(bucket), earlier, signal),
  );
  return definitionForRun(deps, request, plan);
}

/** Where the runs of a pipeline are, whatever their destination. */
async function stagingFor(deps: Dependencies, request: RefreshInput): Promise<PipelineDefinition['staging']> {
  const { definition, pipeline } = request;
  if (definition !== undefined) return PipelineDefinition.parse(definition).staging;
  return (await deps.pipelineOf(pipeline)).staging;
}

async function newPlan(
  deps: Dependencies,
  ref: RunRef,
  wanted: PipelineDefinition,
  wantedSegments: number | undefined,
  signal: AbortSignal,
  note: (doing: string) => void,
): Promise<PlanOfSource> {
  const keyOfHash = hashKeyId(deps.hashKey, wanted.mapping);
  // An export must be younger than the log: its changes are applied from its time on.
  const early = wanted.source.request === true ? await openedLog(deps, ref, wanted, note, signal) : undefined;
  if (early !== undefined) await startOfScan(deps, early, early, note, signal);
  const requested = await requestExport(deps, wanted, ref, signal);
  const { described: source, source: pages } = await findSource(deps, wanted, signal, requested);
  refuseHiddenKey(wanted.mapping, source.key);
  const segments = segmentCount(wantedSegments ?? wanted.source.segments, source);
  const schema = await findSchema(deps.store(ref.bucket), ref, signal);
  const agreed = begun(schema);
  refuseOtherKey(agreed, { pipeline: ref.pipeline, ...source });
  const mapping = withNaming(wanted.mapping, agreed);
  const definition = { ...wanted, mapping };
  const by = { pipeline: ref.pipeline, ...source, mapping };
  refuseTakenNames(agreed, by);
  const settings = new UnmatchedSettings(mapping, source.key);
  const { seen: sampled, items } = await sampleOf(pages, definition, source, segments, signal, (page) => {
    for (const item of page.items) settings.see(item);
  });
  refuseNarrowTypes(by, sampled, 'a sample');
  const layouts = firstLayouts(agreed, sampled, source.key, mapping);
  const held = heldBeyond(agreed, layouts);
  const likely = likelyDictionaries(sampled, { isSample: true });
  const dictionaries = definition.redactValues ? withoutInnerNames(likely) : likely;
  const open = early ?? (await openedLog(deps, ref, definition, note, signal));
  const { export: ofExport } = source;
  const { plannedAt: planned, start: changes } = await beginning(deps, ref, { open, ofExport }, note, signal);
  const plannedAt = planned.toISOString();
  const hint = dictionaries.length === 0 ? {} : { dictionaries };
  const unmatched = settings.result({ redacted: definition.redactValues });
  const shapes = sampleShapes(items, { key: source.key, layouts, mapping });
  return {
    ...epochIn(schema),
    ...{ plannedAt, definition, source, segments, nullText: NULL_TEXT, layouts },
    ...(keyOfHash === undefined ? {} : { hashKeyId: keyOfHash }),
    ...(unmatched === undefined ? {} : { unmatched }),
    ...(shapes.length === 0 ? {} : { shapes }),
    ...(held.length === 0 ? {} : { held }),
    ...(changes === undefined ? {} : { changes, logMapping: open?.logMapping }),
    ...hint,
  };
}

/** When the data begins that is read, and where in the log. */
async function beginning(
  deps: Dependencies,
  { bucket }: RunRef,
  {
    open,
    ofExport,
  }: {
    readonly open: Awaited<ReturnType<typeof openedLog>>;
    readonly ofExport: SourceDescription['export'];
  },
  note: (doing: string) => void,
  signal: AbortSignal,
): Promise<{ readonly plannedAt: Date; readonly start?: Plan['changes'] }> {
  if (ofExport === undefined)
    return open === undefined
      ? { plannedAt: await sharedTime(deps, bucket, { signal }) }
      : startOfScan(deps, open, open, note, signal);
  const plannedAt = new Date(ofExport.time);
  if (open === undefined) return { plannedAt };
  return { plannedAt, start: (await startInLog(open, { ...open, plannedAt, isExport: true }, signal)).start };
}

/** The log of the table's changes, old enough for a scan; undefined if the pipeline follows none. */
async function openedLog(
  deps: Dependencies,
  { pipeline }: RunRef,
  { source, staging }: PipelineDefinition,
  note: (doing: string) => void,
  signal: AbortSignal,
) {
  const { changes } = source;
  if (changes === undefined) return undefined;
  const { settleSeconds } = changes;
  const followed = { pipeline, table: source.table, staging, ...exportsWanted(changes) };
  const open = await openEpoch(deps, followed, signal);
  // An export that exists is as old as it is; `startInLog` refuses one that is too old.
  if (source.kind === 'dynamodb' || source.request === true)
    await untilSettled(deps, open, settleSeconds, note, signal);
  const { mapping: logMapping } = await deps.pipelineOf(pipeline);
  return { ...open, settleSeconds, logMapping, withheldId: withheldId(logMapping) };
}

/**
 * Finds the run that `from` resumes. Its source and mapping come from its plan; the warehouse, the limits (`maxRejects`,
 * `allowEmpty`, `maxTables`) and, until the run is sealed, the columns' types come from the current definition.
 */
export async function openRun(
  deps: Dependencies,
  { request }: { readonly request: RefreshInput },
): Promise<RunOverview> {
  const run = RunName.parse(request.run);
  const { bucket, prefix } = await stagingFor(deps, request);
  const store = deps.store(bucket);
  return whileHeartbeating(
    () => 'opening the run',
    async (signal) => {
      const plan = await readPlan(store, { pipeline: request.pipeline, run, bucket, prefix }, signal);
      const definition = await definitionForRun(deps, request, plan);
      const ref = refOf(request.pipeline, run, definition);
      if (request.segments !== undefined && request.segments !== plan.segments) {
        throw new Terminal(
          'SegmentsFixed',
          `Run ${ref.run} was planned with ${plan.segments} segments; that cannot change. Omit "segments".`,
        );
      }
      const manifest = await findManifest(store, ref, signal);
      return {
        ...(await overviewOf(deps, ref, plan, definition)),
        ...(manifest === undefined ? {} : { sealed: sealedRun(manifest) }),
      };
    },
  );
}

/** Source and segments as planned; the warehouse, the limits and the types as currently defined. */
async function overviewOf(
  deps: Dependencies,
  ref: RunRef,
  plan: Plan,
  { warehouse, maxRejects, allowEmpty, mapping, checks }: PipelineDefinition,
): Promise<RunOverview> {
  const { maxTables } = mapping;
  const types = typesIn(mapping);
  const areOthers = JSON.stringify(types) !== JSON.stringify(typesIn(plan.definition.mapping));
  return {
    ref: { ...ref, maxRejects, allowEmpty: allowEmpty ?? false, maxTables, ...(areOthers ? { types } : {}) },
    searchable: await isSearchable(),
    source: plan.definition.source.table,
    segments: plan.segments,
    segmentsAtOnce: segmentsAtOnce(plan),
    tablesAtOnce: tablesAtOnce(warehouse),
    ...(Object.keys(checks).length === 0 ? {} : { checks: Object.keys(checks).sort() }),
    knownItems: plan.source.approximateItems,
    warehouse,
    ...(plan.changes === undefined ? {} : { follows: destinationOf(plan.definition) }),
    ...(plan.dictionaries === undefined ? {} : { dictionaries: plan.dictionaries }),
    ...(plan.origin === undefined ? {} : { origin: plan.origin }),
    ...(await whoListens(deps)),
  };
}

/** What the run's workflow keeps of a manifest. A table that is loaded last is short, so the others do not wait for it. */
export function sealedRun(
  manifest: Awaited<ReturnType<typeof findManifest>> & object,
): Awaited<ReturnType<ControlActivities['sealRun']>> {
  return {
    sealedAt: manifest.sealedAt,
    items: manifest.items,
    odd: manifest.odd,
    rejects: manifest.rejects,
    ...(manifest.filtered === undefined ? {} : { filtered: manifest.filtered }),
    bytes: manifest.bytes,
    tables: manifest.tables
      .map(({ name, rows, files }) => ({
        table: name,
        rows,
        bytes: files.reduce((sum, file) => sum + file.bytes, 0),
      }))
      .sort((a, b) => b.bytes - a.bytes),
    drift: driftCounts(manifest.drift),
    ...(manifest.dictionaries.length === 0 ? {} : { dictionaries: manifest.dictionaries }),
    ...(manifest.notes.length === 0 ? {} : { notes: firstNotes(manifest.notes) }),
  };
}

/** The result stays in Temporal's history, so it has only the first notes. The report has all. */
function firstNotes(notes: readonly string[]): string[] {
  if (notes.length <= MOST_NOTES) return [...notes];
  return [
    ...notes.slice(0, MOST_NOTES),
    `and ${counted(notes.length - MOST_NOTES, 'more note')} in the report`,
  ];
}

function refOf(pipeline: string, run: string, { staging, destination }: PipelineDefinition): RunRef {
  const { bucket, prefix } = staging;
  return { pipeline, run, bucket, prefix, ...(destination === undefined ? {} : { destination }) };
}

/** `20261121t062033z_1f0c22`: sorts by time, and is the same for every attempt and reset of the workflow. */
export function runName(startedAt: string, { firstExecutionRunId }: Owner): string {
  const time = startedAt.slice(0, 19).replace(/[-:]/g, '').toLowerCase();
  return `${time}z_${firstExecutionRunId.replaceAll('-', '').slice(-6)}`;
}

/**
 * The number of segments of a source: by its size, and of an export at most as many as it has files.
 * @throws Terminal `BadInput` for a number out of range
 */
export function segmentCount(
  wanted: 'auto' | number,
  source: Pick<SourceDescription, 'approximateBytes' | 'export'>,
): number {
  if (wanted === 'auto') {
    const most = Math.max(1, source.export?.files ?? Number.POSITIVE_INFINITY);
    return Math.min(most, autoSegments(source.approximateBytes));
  }
  if (!Number.isInteger(wanted) || wanted < 1 || wanted > 2000) {
    throw new Terminal(
      'BadInput',
      `segments: ${JSON.stringify(wanted)} is not a whole number from 1 to 2000.`,
    );
  }
  return wanted;
}
