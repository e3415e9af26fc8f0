import { defineSearchAttributeKey, TemporalFailure } from '@temporalio/common';
import {
  CancellationScope,
  continueAsNew,
  defineQuery,
  getExternalWorkflowHandle,
  isCancellation,
  log,
  proxyActivities,
  setHandler,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import {
  type BulkLoadActivities,
  type BulkLoadInput,
  type BulkLoadProgress,
  type BulkLoadResult,
  type BulkLoadStep,
  type FollowLoadResult,
  type FoundFiles,
  NOTHING_FOUND,
  type OpenedLoad,
  type OpenLoadInput,
  type ParkedLoadBatch,
  sumFound,
} from '../../contract/loader/bulk-load.ts';
import { bulkLoadDetails, bulkLoadLine } from '../../contract/loader/bulk-load-details.ts';
import {
  type LoaderTotals,
  loaderWorkflowId,
  NO_COUNTS,
  NOTHING_LOADED,
  RETRY_BATCH,
  SIGNAL_BATCH_SETTLED,
  sumLoaded,
} from '../../contract/loader/loader.ts';
import { QUERY_PROGRESS } from '../../contract/refresh.ts';
import type { LoadPlace } from '../../pipeline/loader/loader-directory.ts';
import { showDetails } from '../as-typed.ts';
import { explainingFailure } from '../explaining-failure.ts';
import { refuseUnknownInput } from '../known-input.ts';
import { profiles } from '../profiles.ts';
import { badInput } from '../terminal-failure.ts';

const { openLoad, hintLoader, withdrawLoad } = proxyActivities<BulkLoadActivities>(profiles.short);
const { announceFiles, findEarlier, claimReplacement } = proxyActivities<BulkLoadActivities>(profiles.seal);
const { followLoad, waitForEarlier } = proxyActivities<BulkLoadActivities>(profiles.watchFiles);

const progressQuery = defineQuery<BulkLoadProgress>(QUERY_PROGRESS);

/** Temporal sets it on what a schedule starts: the time at which that was due, also if it is caught up later. */
const SCHEDULED_START = defineSearchAttributeKey('TemporalScheduledStartTime', 'DATETIME');

/**
 * Loads a prefix or a manifest through a loader, beside the files that arrive.
 *
 * 1. Check what is asked for, and record it under the load's name.
 * 2. Find the files. Those that no batch has loaded go into the loader's inbox, and the loader makes batches of them.
 *    A replacement is one batch instead: first find what it must come after, and load or supersede that.
 * 3. Wait until all batches with its files are loaded, or parked.
 *
 * If it is cancelled, the files that no batch has yet leave the inbox again; a batch that exists stays the loader's.
 */
export async function bulkLoad(input: BulkLoadInput): Promise<BulkLoadResult> {
  refuseUnknownInput(input, {
    loader: true,
    from: true,
    name: true,
    replace: true,
    place: true,
    supersede: true,
    any: true,
    dryRun: true,
    dates: true,
    carried: true,
  });
  refuseBadInput(input);
  const load = new Load(input);
  setHandler(progressQuery, () => load.progress(), {
    description: 'The files that were found, and what was loaded of them',
  });
  return explainingFailure(
    () => `Load of ${input.from} by loader ${input.loader} failed`,
    () => undefined,
    () => load.run(),
  );
}

function refuseBadInput({ loader, from, replace, place, supersede = [] }: BulkLoadInput): void {
  const example = '{"loader":"quakes","from":"s3://landing/quakes/day=2026-11-01/"}';
  if (typeof loader !== 'string' || typeof from !== 'string')
    throw badInput(`A bulk load needs a loader and from, the address of its files, e.g. ${example}.`);
  if (place !== undefined && place !== 'before' && place !== 'after')
    throw badInput(`\`place\` must be "before" or "after"; it is ${JSON.stringify(place)}.`);
  const areNumbers =
    Array.isArray(supersede) && supersede.every((batch) => Number.isSafeInteger(batch) && batch > 0);
  if (!areNumbers) throw badInput('`supersede` must be numbers of batches, e.g. [7].');
  if (supersede.length > 0 && (replace === undefined || place !== 'before'))
    throw badInput('`supersede` needs `replace` and "place":"before".');
}

/** What an execution carries over to the next one, once all files are announced. */
interface Carried {
  readonly load: OpenedLoad;
  readonly found: FoundFiles;
  readonly loaded: LoaderTotals;
  readonly leftOut: readonly number[];
  readonly last: Looked;
}

/** What was known of the batches when they were looked at last. */
type Looked = Pick<FollowLoadResult, 'scanned' | 'open' | 'others'> & { readonly seen?: string };

/** Each look adds to the history, so the wait before the next one grows slowly. */
const LOOKS_PER_SECOND_OF_WAIT = 20;
const MOST_WAIT_SECONDS = 30;

class Load {
  readonly #input: BulkLoadInput;
  #opened: OpenedLoad | undefined;
  #step: BulkLoadStep = 'look';
  #found: FoundFiles = NOTHING_FOUND;
  #loaded: LoaderTotals = NOTHING_LOADED;
  #parked: readonly ParkedLoadBatch[] = [];
  #leftOut: readonly number[] = [];
  #open: readonly number[] = [];
  #earlier: readonly number[] = [];
  #pagesWaiting = 0;
  #line = '';

  constructor(input: BulkLoadInput) {
    this.#input = input;
  }

  progress(): BulkLoadProgress {
    const { loader, from, name = '' } = this.#opened ?? this.#input;
    return {
      ...{ loader, name, from, step: this.#step },
      found: this.#found,
      loaded: this.#loaded,
      parked: this.#parked,
      pagesWaiting: this.#pagesWaiting,
      open: this.#open,
      earlier: this.#earlier,
    };
  }

  async run(): Promise<BulkLoadResult> {
    const carried = this.#input.carried as Carried | undefined;
    if (carried === undefined) this.#show('look');
    const load = carried?.load ?? (await openLoad(this.#toOpen()));
    this.#opened = load;
    this.#found = carried?.found ?? NOTHING_FOUND;
    this.#loaded = carried?.loaded ?? NOTHING_LOADED;
    this.#leftOut = carried?.leftOut ?? [];
    const isReplacement = load.replace !== undefined && this.#input.dryRun !== true;
    try {
      if (carried !== undefined) return await this.#follow(load, carried.last);
      return await (isReplacement ? this.#replace(load) : this.#add(load));
    } catch (error) {
      if (isCancellation(error) && !isReplacement)
        await CancellationScope.nonCancellable(() => withdrawLoad({ load }));
      throw error;
    }
  }

  #toOpen(): OpenLoadInput {
    const { place: _, supersede: __, carried: ___, dates, ...asked } = this.#input;
    const { workflowId, startTime, typedSearchAttributes } = workflowInfo();
    const due = typedSearchAttributes.get(SCHEDULED_START) ?? startTime;
    return {
      ...asked,
      workflowId,
      ...(dates === undefined ? {} : { dates: { ...dates, at: due.toISOString() } }),
    };
  }

  /** The files go into the inbox; the loader makes batches of them. */
  async #add(load: OpenedLoad): Promise<BulkLoadResult> {
    const { place = 'after', dryRun = false } = this.#input;
    this.#show('announce');
    let cursor: string | undefined;
    let pages = 0;
    const others = new Set<number>();
    do {
      const result = await announceFiles({
        ...{ load, place, pages, announce: !dryRun },
        ...(cursor === undefined ? {} : { cursor }),
      });
      ({ cursor, pages } = result);
      for (const batch of result.others) others.add(batch);
      this.#found = sumFound(this.#found, result.found);
      if (!dryRun && pages > 0) await hintLoader({ load });
      this.#show('announce');
    } while (cursor !== undefined);
    if (dryRun) return this.#ended(load);
    return this.#follow(load, { scanned: load.newest, open: [], others: [...others] });
  }

  /** One batch replaces the rows: a barrier. */
  async #replace(load: OpenedLoad): Promise<BulkLoadResult> {
    const { place: wanted, supersede = [] } = this.#input;
    this.#show('earlier');
    const place = await this.#waitForEarlier(load, wanted, supersede);
    const { batch, supersedes, found } = await claimReplacement({ load, place, supersede });
    this.#found = found;
    await hintLoader({ load });
    const result = await this.#follow(load, { scanned: load.newest, open: [], others: [] });
    if (result.parked.length === 0) await this.#forget(load, supersedes);
    return { ...result, batch };
  }

  /** @returns whether the replacement comes before or after what waits */
  async #waitForEarlier(
    load: OpenedLoad,
    wanted: LoadPlace | undefined,
    supersede: readonly number[],
  ): Promise<LoadPlace> {
    const { place, batches, parked, failedAt } = await findEarlier({
      ...{ load, supersede },
      ...(wanted === undefined ? {} : { place: wanted }),
    });
    if (batches.length === 0) return place;
    await hintLoader({ load });
    const loader = getExternalWorkflowHandle(loaderWorkflowId(load.table));
    for (const batch of parked) await loader.signal(RETRY_BATCH, batch);
    for (let left = batches; left.length > 0; ) {
      this.#earlier = left;
      this.#show('earlier');
      left = await waitForEarlier({ load, batches: left, failedAt });
    }
    this.#earlier = [];
    return place;
  }

  /** The loader may still show batches as parked that the replacement has closed. */
  async #forget(load: OpenedLoad, superseded: readonly number[]): Promise<void> {
    const loader = getExternalWorkflowHandle(loaderWorkflowId(load.table));
    for (const batch of superseded) {
      try {
        await loader.signal(SIGNAL_BATCH_SETTLED, { batch, ...NO_COUNTS });
      } catch (error) {
        if (!(error instanceof TemporalFailure) || isCancellation(error)) throw error;
        log.info('the loader does not run, so it does not show the superseded batch either', { batch });
      }
    }
  }

  /** Waits until nothing of the load waits, and each of its batches is closed or parked. */
  async #follow(load: OpenedLoad, since: Looked): Promise<BulkLoadResult> {
    this.#show('load');
    let last = since;
    for (let looks = 0; ; looks++) {
      const waitSeconds = Math.min(Math.floor(looks / LOOKS_PER_SECOND_OF_WAIT), MOST_WAIT_SECONDS);
      const { scanned, open, others, seen } = last;
      const now = await followLoad({
        ...{ load, scanned, open, others, waitSeconds },
        ...(seen === undefined ? {} : { seen }),
      });
      this.#loaded = sumLoaded(this.#loaded, now.loaded);
      this.#leftOut = [...this.#leftOut, ...now.leftOut];
      this.#parked = now.parked;
      this.#open = [...now.open, ...now.others];
      this.#pagesWaiting = now.pagesWaiting;
      this.#show('load');
      if (now.pagesWaiting === 0 && this.#open.length === now.parked.length) return this.#ended(load);
      const { scanned: known, open: left, others: foreign, seen: shown } = now;
      last = { scanned: known, open: left, others: foreign, seen: shown };
      // A replacement has one batch, and so a short history.
      if (workflowInfo().continueAsNewSuggested && load.replace === undefined) {
        const carried: Carried = {
          ...{ load, found: this.#found, loaded: this.#loaded, leftOut: this.#leftOut, last },
        };
        await continueAsNew<typeof bulkLoad>({ ...this.#input, carried });
      }
    }
  }

  #ended({ name, loader, from, replace }: OpenedLoad): BulkLoadResult {
    this.#show('done');
    return {
      ...{ name, loader, from },
      ...(replace === undefined ? {} : { replace }),
      dryRun: this.#input.dryRun ?? false,
      found: this.#found,
      loaded: this.#loaded,
      parked: this.#parked,
      leftOut: this.#leftOut,
    };
  }

  #show(step: BulkLoadStep): void {
    this.#step = step;
    const progress = this.progress();
    showDetails(bulkLoadDetails(progress));
    const line = bulkLoadLine(progress);
    if (line === this.#line) return;
    this.#line = line;
    upsertMemo({ tributary: line, loader: progress.loader });
  }
}
