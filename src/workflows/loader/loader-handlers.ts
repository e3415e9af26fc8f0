import { defineQuery, defineSignal, log, setHandler } from '@temporalio/workflow';
import {
  type LoadBatchResult,
  type LoaderLag,
  type LoaderProgress,
  PAUSE,
  QUERY_LAG,
  RESUME,
  RETRY_BATCH,
  SIGNAL_BATCH_FAILED,
  SIGNAL_BATCH_SETTLED,
  SIGNAL_HINT,
  SKIP_BATCH,
  SPLIT_BATCH,
} from '../../contract/loader/loader.ts';
import { QUERY_PROGRESS } from '../../contract/refresh.ts';
import { handleOrder, type OrderMessage, reasonFrom } from '../order.ts';
import type { Failure } from './loader-state.ts';

type NumberOrNone = number | null | undefined;
/** A batch to skip: its number, or the number with a reason. */
type Skipped = number | { readonly batch: number; readonly reason?: string };
type Why = string | { readonly reason?: string } | null | undefined;

/** What an operator asks for. */
export type Order =
  | { readonly kind: 'retry'; readonly batch: number | undefined }
  | { readonly kind: 'skip'; readonly batch: number; readonly reason: string | undefined }
  | { readonly kind: 'split'; readonly batch: number }
  | { readonly kind: 'pause'; readonly reason: string | undefined }
  | { readonly kind: 'resume'; readonly acceptTable: boolean };

/** What handlers leave for the loop, which takes the records in order and decides. */
export type Message =
  | { readonly kind: 'settled'; readonly batch: number; readonly result: LoadBatchResult }
  | { readonly kind: 'reported failed'; readonly batch: number; readonly failure: Failure }
  | OrderMessage<Order>;

interface Mailbox {
  /** Records a message. */
  readonly push: (message: Message) => void;
  /** Files may have arrived. */
  readonly hint: () => void;
  readonly progress: () => LoaderProgress;
  readonly lag: () => LoaderLag;
}

const progressQuery = defineQuery<LoaderProgress>(QUERY_PROGRESS);
const lagQuery = defineQuery<LoaderLag>(QUERY_LAG);
const hint = defineSignal<[]>(SIGNAL_HINT);
const batchSettled = defineSignal<[unknown]>(SIGNAL_BATCH_SETTLED);
const batchFailed = defineSignal<[unknown]>(SIGNAL_BATCH_FAILED);

/**
 * Registers the queries, updates and signals of a loader. Call it before the first await, so that no message arrives too
 * early. Handlers only record. Anyone can send a signal, and a handler that throws blocks its workflow, so a signal that
 * does not fit is logged and ignored.
 */
export function handleMessages({ push, hint: hinted, progress, lag }: Mailbox): void {
  setHandler(progressQuery, progress, { description: 'The inbox, the current batch and the parked ones' });
  setHandler(lagQuery, lag, { description: 'Age of the oldest file that waits, bytes and number of files' });
  setHandler(hint, hinted, { description: 'Files may have arrived: look at the inbox now' });
  setHandler(
    batchSettled,
    (message) => {
      if (isResult(message)) push({ kind: 'settled', batch: message.batch, result: message });
      else ignored(message);
    },
    { description: 'Sent by a batch when it is loaded' },
  );
  setHandler(
    batchFailed,
    (message) => {
      const { batch, error, type } = (message ?? {}) as Record<string, unknown>;
      if (!isNumber(batch)) return ignored(message);
      const failure = {
        code: typeof type === 'string' ? type : 'Error',
        error: typeof error === 'string' ? error : 'it did not report why',
      };
      push({ kind: 'reported failed', batch, failure });
    },
    { description: 'Sent by a batch when it fails' },
  );
  handleOrders(push);
}

function handleOrders(push: Mailbox['push']): void {
  const order = <Argument>(
    name: string,
    description: string,
    parse: (argument: Argument | undefined) => Order,
  ): void => handleOrder(name, description, parse, push);
  order<NumberOrNone>(
    RETRY_BATCH,
    'Load a parked batch again; without an argument, all parked batches',
    (batch) => ({ kind: 'retry', batch: batch == null ? undefined : numberFrom(batch) }),
  );
  order<Skipped>(SKIP_BATCH, 'Close a parked batch without loading its files', (skipped) => {
    const { batch, reason } =
      typeof skipped === 'object' && skipped !== null ? skipped : { batch: skipped, reason: undefined };
    return { kind: 'skip', batch: numberFrom(batch), reason: reasonFrom(reason) };
  });
  order<number>(SPLIT_BATCH, 'Make two batches of a parked one, each with half of its files', (batch) => ({
    kind: 'split',
    batch: numberFrom(batch),
  }));
  order<Why>(PAUSE, 'Start no more batches; the one that is being loaded ends first', (why) => ({
    kind: 'pause',
    reason: reasonFrom(why),
  }));
  order<{ readonly acceptTable?: boolean } | null>(
    RESUME,
    'Start batches again; with {"acceptTable": true}, into a table that replaced the one loaded before',
    (how) => ({ kind: 'resume', acceptTable: how?.acceptTable === true }),
  );
}

/** @throws Error for an argument that is not a batch's number. */
function numberFrom(batch: unknown): number {
  if (isNumber(batch)) return batch;
  throw new Error(`expected a batch's number; got ${JSON.stringify(batch)}`);
}

const isNumber = (batch: unknown): batch is number => Number.isInteger(batch) && (batch as number) > 0;

const COUNTS = ['files', 'bytes', 'rows', 'merged', 'deleted', 'setAside'] as const;

function isResult(message: unknown): message is LoadBatchResult {
  const result = (message ?? {}) as Record<string, unknown>;
  return isNumber(result.batch) && COUNTS.every((count) => Number.isFinite(result[count]));
}

function ignored(message: unknown): void {
  log.warn('a signal that no batch sends was ignored', {
    message: JSON.stringify(message)?.slice(0, 200),
  });
}
