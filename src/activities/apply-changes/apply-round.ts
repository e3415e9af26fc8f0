import { Terminal } from '../../clients/errors.ts';
import type {
  ApplyRoundInput,
  ApplyRoundResult,
  NeedsRefresh,
} from '../../contract/changes/apply-activities.ts';
import type { AppliedRound } from '../../contract/changes/changes.ts';
import { knownSeen } from '../../pipeline/apply/known-seen.ts';
import { ReadOrder } from '../../pipeline/apply/read-order.ts';
import { layoutsInUse } from '../../pipeline/apply/tables-in-use.ts';
import type { KnownDocuments } from '../../store/changes/known-documents.ts';
import type { ChangeLog } from '../../store/changes/log-documents.ts';
import { listLogCheckpoints, refuseMissing } from '../../store/changes/log-files.ts';
import { forEachLimited } from '../../store/for-each-limited.ts';
import { ActivityRecord } from '../runtime/activity-record.ts';
import type { ApplyTurns } from '../runtime/apply-turns.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { wait } from '../runtime/wait.ts';
import { agreeOnChanges } from './agree-on-changes.ts';
import { applyImages } from './apply-images.ts';
import type { EarlierApplies } from './earlier-applies.ts';
import { type GatheredChanges, gatherChanges, type LeftInLog, leftInLog } from './gather-changes.ts';
import type { IdleSchema, IdleSchemas } from './idle-schemas.ts';
import { type ImageReading, imageReading, logDiffers } from './image-reading.ts';
import { makeRows } from './make-rows.ts';
import { type Destination, openDestination } from './open-destination.ts';
import { growTables, unlessReplaced } from './rows-for-tables.ts';
import { type SchemaInUse, schemaInUse } from './schema-in-use.ts';
import { namingChanges, RefusedKeys } from './skipped-changes.ts';

/** How often another writer may be faster before an operator must act. */
const MAX_SURPRISES = 10;
/**
 * How often a quiet log is looked at, unless changes are applied more often, and how often for gaps: soon after the round
 * begins, then less often.
 */
const LOOK_EVERY_MS = 5000;
const GAPS_EVERY_MS = { first: 5000, most: 60_000 };
const LISTS_AT_ONCE = 16;

/** What the applies of one process share. */
export interface SharedByApplies {
  readonly idle: IdleSchemas;
  readonly documents: KnownDocuments;
  readonly turns: ApplyTurns;
  readonly earlier: EarlierApplies;
}

/**
 * One apply, or the wait for something to apply:
 *
 * 1. If the round before found nothing to apply, wait by what it found, without a query. Then read the schema's marker and positions, and the documents of the run that the marker names.
 * 2. Wait until the log has something after the positions, and until the apply is due.
 * 3. Take whole checkpoints, and keep each key's last image.
 * 4. Shred the images as that run would have. If the tables lack something, it is recorded, and all is discarded; the tables
 *    get it, and it begins again at 3.
 * 5. Write the files, and run one guarded transaction. If a guard fails, begin again at 1: another process was here, or the
 *    response to an earlier attempt was lost. The positions tell.
 */
export async function applyRound(
  deps: Dependencies,
  shared: SharedByApplies,
  input: ApplyRoundInput,
): Promise<ApplyRoundResult> {
  let doing = `looking for changes of ${input.pipeline}`;
  return whileHeartbeating(
    () => doing,
    async (signal) => {
      const destination = await openDestination(deps, input);
      const round = new Round(deps, shared, destination, input, signal, (now) => {
        doing = now;
      });
      const { applySeconds, refreshAtMostEverySeconds, alertAtLagSeconds } = destination.pace;
      const pace = { applySeconds, refreshAtMostEverySeconds, alertAtLagSeconds };
      try {
        await round.endEarlier();
        for (let surprises = 0; surprises < MAX_SURPRISES; ) {
          const ended = await round.run();
          if (ended === 'again') surprises++;
          else if (ended !== 'grown') return { ...ended, pace };
        }
      } finally {
        round.endTurn();
      }
      throw new Terminal(
        'ApplyContended',
        `Another process changed the positions of ${round.schema} each of the ${MAX_SURPRISES} times that changes of ` +
          `${input.pipeline} were to be applied to it. Find out whether two destinations have this schema, then send ` +
          'retryApply.',
      );
    },
  );
}

class Round {
  readonly #deps: Dependencies;
  readonly #shared: SharedByApplies;
  readonly #destination: Destination;
  readonly #input: ApplyRoundInput;
  readonly #signal: AbortSignal;
  readonly #show: (doing: string) => void;
  readonly #startedMs: number;
  /** Gaps that were met, by shard. */
  readonly #gaps = new Map<string, string>();
  #steps = 0;
  #hasTakenIdle = false;
  /** Ends its turn, if it has one. */
  endTurn: () => void = () => {};

  constructor(
    deps: Dependencies,
    shared: SharedByApplies,
    destination: Destination,
    input: ApplyRoundInput,
    signal: AbortSignal,
    show: (doing: string) => void,
  ) {
    this.#deps = deps;
    this.#shared = shared;
    this.#destination = destination;
    this.#input = input;
    this.#signal = signal;
    this.#show = show;
    this.#startedMs = deps.nowMs();
  }

  get schema(): string {
    return this.#input.stagingSchema ?? this.#destination.warehouse.schema;
  }

  /** Ends what an earlier attempt or execution may have left running in the warehouse. */
  endEarlier(): Promise<void> {
    return this.#shared.earlier.end(this.#name, this.#destination.database, this.schema, this.#signal);
  }

  /**
   * @returns `again` if another process was faster, so that nothing was applied; `grown` if the tables are to get something
   *   before what was read is applied
   */
  async run(): Promise<ApplyRoundResult | 'again' | 'grown'> {
    this.endTurn();
    const idle = this.#takeIdle();
    const idleLog = idle && this.#logOf(idle);
    if (idle !== undefined && idleLog !== undefined) {
      for (const [shard, gap] of idle.gaps) this.#gaps.set(shard, gap);
      if (!(await this.#waitForChanges(idleLog, idle))) return this.#nothing(idleLog, idle);
      this.#gaps.clear();
    }
    const found = await schemaInUse(this.#destination, this.schema, this.#signal);
    if ('code' in found) return { lag: NO_LAG, needsRefresh: found };
    const { known } = this.#input;
    if (known?.run !== undefined && known.run === found.marker.run) return this.#stillWaiting(found, known);
    const log = this.#logOf(found);
    if (log === undefined) return { lag: NO_LAG, needsRefresh: severalEpochs(found) };
    const reading = this.#reading(found);
    if ('code' in reading) return this.#stillWaiting(found, reading);
    // A refresh that has cleared it shows at once, also if there is nothing to apply.
    const ahead = known === undefined ? undefined : await this.#gapAhead(log, await this.#order(log, found));
    const waits = ahead === undefined || ahead.needsRefresh !== undefined;
    if (!(await this.#waitForChanges(log, found, waits))) return this.#nothing(log, found);
    // Before its turn: a warehouse that does not answer must not keep other destinations waiting.
    this.#show(`looking at the tables of ${this.schema}`);
    const refused = await unlessReplaced(growTables(this.#destination, found, this.#signal));
    if (refused === 'again') return 'again';
    this.#show('waiting for other applies of this worker');
    this.endTurn = await this.#shared.turns.take(this.#signal);
    if (refused !== undefined) return this.#waitingForColumns(found, log, reading, refused);
    this.#show(`reading changes of ${this.#input.pipeline}`);
    const order = await this.#order(log, found);
    const gathered = await gatherChanges(log, order, reading, {
      applyBytes: this.#destination.pace.applyBytes,
      signal: this.#signal,
      onStep: () => this.#step(),
    });
    for (const [shard, gap] of order.gaps()) this.#gaps.set(shard, gap);
    const { otherwise } = gathered;
    const behindGap =
      otherwise === undefined
        ? await this.#gapAhead(log, order)
        : { needsRefresh: logDiffers(otherwise, this.schema, found.marker.run) };
    if (gathered.checkpoints === 0) {
      const isKnown = otherwise === undefined && behindGap.needsRefresh?.code === known?.code;
      if (isKnown) return this.run();
      return { lag: this.#lag(gathered.left), ...behindGap };
    }
    const applied = await this.#applyAll(found, log, order, { ...gathered, reading });
    if (applied === 'again' || applied === 'grown') return applied;
    if ('code' in applied) return this.#waitingForColumns(found, log, reading, applied, order);
    return { applied, lag: this.#lag(gathered.left), ...behindGap };
  }

  /** What the round before found, once. */
  #takeIdle(): IdleSchema | undefined {
    const idle = this.#hasTakenIdle ? undefined : this.#shared.idle.find(this.#name, this.#input.idle);
    this.#hasTakenIdle = true;
    return idle?.schema === this.schema ? idle : undefined;
  }

  get #name(): string {
    return JSON.stringify([this.#destination.pipeline, this.#destination.name]);
  }

  async #nothing(log: ChangeLog, found: Omit<IdleSchema, 'gaps'>): Promise<ApplyRoundResult> {
    const { schema, marker, positions } = found;
    const behindGap = await this.#gapAhead(log, await this.#order(log, found));
    if (this.#input.stagingSchema !== undefined) return { lag: NO_LAG, ...behindGap };
    const idle = this.#shared.idle.keep(this.#name, { schema, marker, positions, gaps: new Map(this.#gaps) });
    return { lag: NO_LAG, ...behindGap, idle };
  }

  async #stillWaiting(found: SchemaInUse, needsRefresh: NeedsRefresh): Promise<ApplyRoundResult> {
    const log = this.#logOf(found);
    const left = log && (await leftInLog(log, await this.#order(log, found), this.#signal));
    return { lag: left === undefined ? NO_LAG : this.#lag(left), needsRefresh };
  }

  async #waitingForColumns(
    found: SchemaInUse,
    log: ChangeLog,
    reading: ImageReading,
    needs: NeedsRefresh,
    order?: ReadOrder,
  ): Promise<ApplyRoundResult> {
    await this.#observeRest(found, log, order ?? (await this.#order(log, found)), reading);
    return this.#stillWaiting(found, { ...needs, run: found.marker.run });
  }

  /** All that waits is agreed on before a refresh, so that what one record needs is not followed by what the next one needs. */
  async #observeRest(
    found: SchemaInUse,
    log: ChangeLog,
    order: ReadOrder,
    reading: ImageReading,
  ): Promise<void> {
    const { applyBytes } = this.#destination.pace;
    const layouts = layoutsInUse(found.tables);
    const { compression } = found.plan.definition.staging;
    const onStep = () => this.#step();
    for (;;) {
      this.#show('looking at what waits for a refresh');
      const { images, checkpoints } = await gatherChanges(log, order, reading, {
        ...{ applyBytes, signal: this.#signal, onStep },
      });
      if (checkpoints === 0) return;
      const { files, seen } = await makeRows(images, layouts, { ...reading, compression }, this.#signal);
      files.discard();
      const observed = { seen: knownSeen(seen, layouts), layouts: [] };
      await agreeOnChanges(this.#deps, this.#destination, found, observed, this.#signal);
    }
  }

  /** What was lost, and only a refresh can bring: the next checkpoint of some shard marks it, or the stream was replaced. */
  async #gapAhead(log: ChangeLog, order: ReadOrder): Promise<Pick<ApplyRoundResult, 'needsRefresh'>> {
    const ahead = new Set(order.gaps().values());
    const gap = (await this.#shared.documents.gaps(log, this.#signal)).find(
      ({ id, shard }) => ahead.has(id) || (shard === undefined && ahead.size === 0),
    );
    if (gap === undefined) return {};
    return { needsRefresh: { code: 'ChangesLost', message: gap.message } };
  }

  #reading({ schema, plan, hashKeyId, logMapping }: SchemaInUse): ImageReading | NeedsRefresh {
    const { mapping } = plan.definition;
    const loaded = { schema, mapping, key: plan.source.key, hashKeyId, logMapping };
    return imageReading(this.#destination.logMapping, loaded, this.#deps.hashKey);
  }

  /** The log of the epoch that the schema's positions name. */
  #logOf({ positions }: Pick<SchemaInUse, 'positions'>): ChangeLog | undefined {
    const [epoch, ...others] = new Set(positions.map((each) => each.epoch));
    if (epoch === undefined || others.length > 0) return undefined;
    return { store: this.#destination.store, at: { ...this.#destination.at, epoch } };
  }

  async #order(log: ChangeLog, { positions }: Pick<SchemaInUse, 'positions'>): Promise<ReadOrder> {
    const shards = await this.#shared.documents.shards(log, this.#signal);
    const order = new ReadOrder(log.at.epoch, shards, positions);
    refuseMissing(log, order.missing());
    for (const [shard, gap] of this.#gaps) order.metGap(shard, gap);
    return order;
  }

  /**
   * Waits for something to apply, within the time that the caller allows, and while no gap is new.
   * @returns whether the log has something to apply
   */
  async #waitForChanges(
    log: ChangeLog,
    found: Pick<SchemaInUse, 'positions'>,
    waits = true,
  ): Promise<boolean> {
    const { atMostSeconds, dueInSeconds = 0 } = this.#input;
    const untilMs = this.#startedMs + (waits ? atMostSeconds * 1000 : 0);
    const dueMs = this.#startedMs + dueInSeconds * 1000;
    const lookEveryMs = Math.min(LOOK_EVERY_MS, this.#destination.pace.applySeconds * 1000);
    const pause = (ms: number) => wait(ms, this.#deps, 'waits for changes', this.#signal);
    let gapsMs = GAPS_EVERY_MS.first;
    let gapsAtMs = this.#deps.nowMs() + gapsMs;
    for (;;) {
      const order = await this.#order(log, found);
      if (await this.#hasChanges(log, order)) {
        this.#show('waiting until the next apply is due');
        await pause(dueMs - this.#deps.nowMs());
        return true;
      }
      this.#show('waiting for changes');
      const leftMs = untilMs - this.#deps.nowMs();
      if (leftMs <= 0) return false;
      if (this.#deps.nowMs() >= gapsAtMs) {
        const { needsRefresh } = await this.#gapAhead(log, order);
        if (needsRefresh?.code !== this.#input.known?.code) return false;
        gapsMs = Math.min(2 * gapsMs, GAPS_EVERY_MS.most);
        gapsAtMs = this.#deps.nowMs() + gapsMs;
      }
      await pause(Math.min(leftMs, lookEveryMs));
    }
  }

  async #hasChanges(log: ChangeLog, order: ReadOrder): Promise<boolean> {
    let found = false;
    await forEachLimited(order.readable(), LISTS_AT_ONCE, async ({ shard, after }) => {
      if (found) return;
      const numbers = await listLogCheckpoints(log, shard, after, this.#signal);
      if (numbers.length > 0) found = true;
    });
    return found;
  }

  async #applyAll(
    found: SchemaInUse,
    log: ChangeLog,
    order: ReadOrder,
    { images, reading }: GatheredChanges & { readonly reading: ImageReading },
  ): Promise<AppliedRound | 'again' | 'grown' | NeedsRefresh> {
    const { stagingSchema, skips } = this.#input;
    const after = order.moved();
    const { epoch } = log.at;
    const isStaging = stagingSchema === undefined ? {} : { isStaging: true };
    const applied = await applyImages(
      this.#deps,
      this.#destination,
      found,
      { images, reading, epoch, after, skips, ...isStaging },
      { show: this.#show, onRowsWritten: this.endTurn, signal: this.#signal },
    ).catch(async (error: unknown) => {
      if (!(error instanceof RefusedKeys)) throw error;
      const { pipeline, destination } = this.#input;
      throw await namingChanges(error, log, { before: found.positions, after }, reading, {
        order: `tributary changes skip ${pipeline} --destination ${destination}`,
        signal: this.#signal,
        onStep: () => this.#step(),
      });
    });
    this.#step();
    return applied;
  }

  #step(): void {
    ActivityRecord.current().reach(++this.#steps);
  }

  #lag({ oldest, bytes, changes: count }: LeftInLog): ApplyRoundResult['lag'] {
    const seconds = oldest === undefined ? 0 : Math.max(0, this.#deps.nowMs() / 1000 - oldest);
    return { seconds: Math.round(seconds), bytes, count };
  }
}

const NO_LAG: ApplyRoundResult['lag'] = { seconds: 0, bytes: 0, count: 0 };

const severalEpochs = ({ schema }: SchemaInUse): NeedsRefresh => ({
  code: 'PositionsUnclear',
  message: `The positions of ${schema} belong to several logs, so it is not known which changes it has. A refresh clears this.`,
});
