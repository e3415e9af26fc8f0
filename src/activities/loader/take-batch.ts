import { Context } from '@temporalio/activity';
import type { BatchInfo } from '../../contract/loader/loader.ts';
import type { ParkedInfo, TakeBatchInput, TakeBatchResult } from '../../contract/loader/loader-activities.ts';
import type { Batch, BatchFailure } from '../../pipeline/loader/loader-documents.ts';
import { bytesOf } from '../../pipeline/loader/source-file.ts';
import { cut } from '../../pipeline/text/sentences.ts';
import { batchState } from '../../store/loader/batch-files.ts';
import { takeBatch as takeFrom } from '../../store/loader/take-batch.ts';
import { whoListens } from '../alerts/who-listens.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { measureInbox } from '../runtime/metrics.ts';
import { batchRetry } from '../temporal/batch-retry.ts';
import { loadedTable } from './loader-files.ts';

/** The workflow carries some fifty of them whenever it continues as new. */
const MOST_ERROR_CHARACTERS = 1000;

/** Looks at the inbox of a loader's table, and takes the next batch from it if one is due. */
export async function takeBatch(deps: Dependencies, input: TakeBatchInput): Promise<TakeBatchResult> {
  const { loader, open, newest, tidied, take } = input;
  return whileHeartbeating(
    () => 'looking at the inbox',
    async (signal) => {
      const { table, files, loaders, limits, pauseAfterParked } = await loadedTable(deps, loader);
      const look = await takeFrom(
        files,
        { known: { open, newest, tidied }, limits, now: serverTime, take },
        signal,
      );
      const { waiting, taken, dueAtMs } = look;
      const { alerts } = await whoListens(deps);
      const { oldestMs = serverTime() } = waiting;
      measureInbox(`${table.schema}.${table.table}`, {
        files: waiting.files,
        bytes: waiting.bytes,
        oldestSeconds: Math.max(0, (serverTime() - oldestMs) / 1000),
        openBatches: new Set([
          ...open,
          ...look.found.map(({ batch }) => batch.batch),
          ...(taken === undefined ? [] : [taken.batch]),
        ]).size,
      });
      const described: ParkedInfo[] = [];
      for (const batch of input.describe) {
        const state = await batchState(files, batch, signal);
        if (state.state === 'parked') described.push(parkedInfo(state.batch, state.failure));
      }
      const { current } = input;
      const retry =
        current === undefined ? undefined : await batchRetry(Context.current().client, current.workflowId);
      return {
        loaders: loaders.map(({ name }) => name),
        pauseAfterParked,
        ...(alerts === undefined ? {} : { alerts }),
        newest: look.newest,
        tidied: look.tidied,
        foundOpen: look.found.flatMap((found) => (found.state === 'open' ? [batchInfo(found.batch)] : [])),
        foundParked: look.found.flatMap((found) =>
          found.state === 'parked' ? [parkedInfo(found.batch, found.failure)] : [],
        ),
        described,
        ...(current === undefined || retry === undefined ? {} : { retried: { batch: current.batch, retry } }),
        ...(taken === undefined ? {} : { taken: batchInfo(taken) }),
        inbox: {
          files: waiting.files,
          bytes: waiting.bytes,
          ...(waiting.oldestMs === undefined ? {} : { oldest: new Date(waiting.oldestMs).toISOString() }),
          ...(waiting.estimated === undefined ? {} : { estimated: true }),
          ...(waiting.more === undefined ? {} : { more: true }),
          at: new Date(serverTime()).toISOString(),
        },
        ...(dueAtMs === undefined ? {} : { dueAt: new Date(dueAtMs).toISOString() }),
      };
    },
  );
}

/**
 * The time at which Temporal scheduled this attempt. The workflow waits by the same clock, so a batch that is due for it is
 * due here.
 */
const serverTime = () => Context.current().info.currentAttemptScheduledTimestampMs;

export const batchInfo = ({ batch, files, reason }: Batch): BatchInfo => ({
  batch,
  files: files.length,
  bytes: bytesOf(files),
  reason,
});

const parkedInfo = (batch: Batch, { code, message, at }: BatchFailure): ParkedInfo => ({
  ...batchInfo(batch),
  code,
  error: cut(message, MOST_ERROR_CHARACTERS),
  at,
});
