import { TemporalFailure } from '@temporalio/common';
import { isCancellation, proxyActivities } from '@temporalio/workflow';
import { rootCause } from '../../contract/failure.ts';
import type { LoadBatchActivities } from '../../contract/loader/load-batch-activities.ts';
import type { BatchRequestEnd, LoaderActivities } from '../../contract/loader/loader-activities.ts';
import { counted } from '../../pipeline/text/measures.ts';
import { onOneLine } from '../../pipeline/text/sentences.ts';
import { profiles } from '../profiles.ts';
import { idOf } from './batch-runs.ts';
import type { InboxLooks } from './inbox-looks.ts';
import { keepPause } from './keep-pause.ts';
import type { Order } from './loader-handlers.ts';
import type { LoaderState } from './loader-state.ts';

const short = proxyActivities<LoaderActivities>(profiles.short);
const batches = proxyActivities<LoadBatchActivities>(profiles.short);

interface Obeying {
  readonly loader: string;
  readonly state: LoaderState;
  readonly looks: InboxLooks;
}

/** Does what an operator asks for. @returns the answer */
export async function obeyOrder(order: Order, { loader, state, looks }: Obeying): Promise<string> {
  switch (order.kind) {
    case 'retry':
      return state.retry(order.batch);
    case 'pause': {
      const answer = state.pause(order.reason ?? 'by an operator', Date.now());
      return `${answer}${unkept(await keepPause(loader, state.paused))}`;
    }
    case 'resume':
      return order.acceptTable ? acceptTable(loader, state) : resume(loader, state);
    case 'skip': {
      const { batch, reason } = order;
      return close(state, batch, 'skipped', () =>
        short.skipBatch({ loader, batch, ...(reason === undefined ? {} : { reason }) }),
      );
    }
    case 'split':
      return close(state, order.batch, 'split', async () => {
        // A look that began before would take the parts for batches that were found.
        await looks.ended();
        return short.splitBatch({ loader, batch: order.batch });
      });
  }
}

async function resume(loader: string, state: LoaderState): Promise<string> {
  const answer = state.resume();
  return `${answer}${unkept(await keepPause(loader, undefined))}`;
}

const unkept = (why: string) =>
  why === ''
    ? ''
    : `; if it is terminated, it does not remember that, because S3 could not be written: ${why}`;

/** Takes over the table that replaced the one loaded before, and resumes the loader if it is paused. */
async function acceptTable(loader: string, state: LoaderState): Promise<string> {
  try {
    await batches.acceptTable({ loader });
  } catch (error) {
    if (!(error instanceof TemporalFailure) || isCancellation(error)) throw error;
    return `the table could not be accepted: ${rootCause(error).message}`;
  }
  const resumed = state.paused === undefined ? '' : `; ${await resume(loader, state)}`;
  return `accepted the table that now has the name${resumed}`;
}

async function close(
  state: LoaderState,
  batch: number,
  done: string,
  work: () => Promise<BatchRequestEnd>,
): Promise<string> {
  const refusal = state.refusal(batch);
  if (refusal !== undefined) return `batch ${batch}: ${refusal}${wayOut(state, batch, done)}`;
  try {
    const end = await work();
    if (end.kind === 'refused') return `batch ${batch}: ${end.why}`;
    const into = end.kind === 'done' ? (end.into ?? []) : [];
    state.closed(batch, into);
    if (end.kind === 'closed before') return `batch ${batch}: it was ${end.outcome} before`;
    const parts = into.map((each) => `${each.batch} (${counted(each.files, 'file')})`);
    return `batch ${batch}: ${done}${parts.length === 0 ? '' : ` into ${parts.join(' and ')}`}`;
  } catch (error) {
    if (!(error instanceof TemporalFailure) || isCancellation(error)) throw error;
    return `batch ${batch}: could not be ${done}: ${rootCause(error).message}`;
  }
}

/** How a batch that is being loaded, perhaps again and again, can be closed nevertheless. */
function wayOut(state: LoaderState, batch: number, done: string): string {
  const { current } = state.progress(idOf);
  if (current?.batch !== batch) return '';
  const { retry, workflowId } = current;
  const why =
    retry === undefined
      ? ''
      : ` (attempt ${retry.attempt}; the one before failed: ${onOneLine(retry.error)})`;
  return (
    `${why}. It can be ${done} once it is parked. It is parked if it is cancelled: ` +
    `temporal workflow cancel --workflow-id ${workflowId}`
  );
}
