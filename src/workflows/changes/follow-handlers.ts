import { defineQuery, defineSignal, log, setHandler } from '@temporalio/workflow';
import {
  type ChangesLag,
  type FollowProgress,
  RETRY_SHARD,
  SIGNAL_SHARD_ENDED,
  SIGNAL_SHARD_FAILED,
} from '../../contract/changes/changes.ts';
import { PAUSE, QUERY_LAG, RESUME } from '../../contract/loader/loader.ts';
import { QUERY_PROGRESS } from '../../contract/refresh.ts';
import { handleOrder, type OrderMessage, reasonFrom } from '../order.ts';
import { type Failure, nameOf } from './follow-state.ts';

/** What an operator asks for. */
export type Order =
  | { readonly kind: 'retry'; readonly shard: string | undefined }
  | { readonly kind: 'pause'; readonly reason: string | undefined }
  | { readonly kind: 'resume' };

/** What handlers leave for the loop, which takes the records in order and decides. */
export type Message =
  | { readonly kind: 'settled'; readonly name: string }
  | { readonly kind: 'reported failed'; readonly name: string; readonly failure: Failure }
  | OrderMessage<Order>;

interface Mailbox {
  /** Records a message. */
  readonly push: (message: Message) => void;
  readonly progress: () => FollowProgress;
  readonly lag: () => ChangesLag;
}

const progressQuery = defineQuery<FollowProgress>(QUERY_PROGRESS);
const lagQuery = defineQuery<ChangesLag>(QUERY_LAG);
const shardEnded = defineSignal<[unknown]>(SIGNAL_SHARD_ENDED);
const shardFailed = defineSignal<[unknown]>(SIGNAL_SHARD_FAILED);

/** Registers the queries, updates and signals of `followChanges`. Call it before the first await. Handlers only record. */
export function handleMessages({ push, progress, lag }: Mailbox): void {
  setHandler(progressQuery, progress, {
    description: 'The shards that are read, those that failed, and gaps',
  });
  setHandler(lagQuery, lag, { description: 'For how many seconds a shard has had no reader' });
  setHandler(
    shardEnded,
    (message) => {
      const name = shardIn(message);
      if (name !== undefined) push({ kind: 'settled', name });
    },
    { description: 'Sent by a reader when its shard was read to its end' },
  );
  setHandler(
    shardFailed,
    (message) => {
      const name = shardIn(message);
      const { error, type } = (message ?? {}) as Record<string, unknown>;
      const failure = {
        code: typeof type === 'string' ? type : 'Error',
        error: typeof error === 'string' ? error : 'it did not report why',
      };
      if (name !== undefined) push({ kind: 'reported failed', name, failure });
    },
    { description: 'Sent by a reader when it fails' },
  );
  const order = (name: string, description: string, parse: (argument: unknown) => Order): void =>
    handleOrder(name, description, parse, push);
  order(RETRY_SHARD, 'Read a shard again whose reading failed; without an argument, all of them', (shard) => {
    if (shard != null && typeof shard !== 'string')
      throw new Error(`expected a shard's id, or nothing for all that failed; got ${JSON.stringify(shard)}`);
    return { kind: 'retry', shard: shard ?? undefined };
  });
  order(PAUSE, 'Read nothing; the stream keeps changes for 24 hours', (why) => ({
    kind: 'pause',
    reason: reasonFrom(why),
  }));
  order(RESUME, 'Read again, from the last checkpoints', () => ({ kind: 'resume' }));
}

function shardIn(message: unknown): string | undefined {
  const { epoch, shard } = (message ?? {}) as Record<string, unknown>;
  if (typeof epoch === 'string' && typeof shard === 'string') return nameOf(epoch, shard);
  log.warn('a signal that no reader sends was ignored', { message: JSON.stringify(message)?.slice(0, 200) });
  return undefined;
}
