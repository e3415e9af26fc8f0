import { defineQuery, defineSignal, setHandler } from '@temporalio/workflow';
import { REMOVE_DESTINATION, SKIP_CHANGE, type SkipOrder } from '../../contract/changes/apply-activities.ts';
import {
  type ApplyProgress,
  type ChangesLag,
  RETRY_APPLY,
  SIGNAL_MORE,
} from '../../contract/changes/changes.ts';
import { REPLAY_SET_ASIDE, REWIND, type RewindOrder } from '../../contract/changes/reapply.ts';
import { PAUSE, QUERY_LAG, RESUME } from '../../contract/loader/loader.ts';
import { QUERY_PROGRESS } from '../../contract/refresh.ts';
import { handleOrder, type OrderMessage, reasonFrom } from '../order.ts';

/** What an operator asks for. */
export type ApplyOrder =
  | { readonly kind: 'retry' }
  | { readonly kind: 'pause'; readonly reason: string | undefined }
  | { readonly kind: 'resume' }
  | { readonly kind: 'rewind'; readonly rewind: RewindOrder }
  | { readonly kind: 'replay'; readonly keyHashes: readonly string[] | undefined }
  | { readonly kind: 'skip'; readonly skip: SkipOrder }
  | { readonly kind: 'remove' };

/** What handlers leave for the loop, which takes the records in order and decides. */
export type ApplyMessage = OrderMessage<ApplyOrder>;

interface Mailbox {
  readonly push: (message: ApplyMessage) => void;
  /** The log may have grown. */
  readonly hint: () => void;
  readonly progress: () => ApplyProgress;
  readonly lag: () => ChangesLag;
}

/**
 * Registers the queries, updates and signals of a destination. Call it before the first await, so that no message arrives too
 * early. Handlers only record. Anyone can send a signal, and a handler that throws blocks its workflow, so a signal that does
 * not fit is logged and ignored.
 */
export function handleApplyMessages({ push, hint, progress, lag }: Mailbox): void {
  setHandler(defineQuery<ApplyProgress>(QUERY_PROGRESS), progress, {
    description: 'What was applied, and why nothing is',
  });
  setHandler(defineQuery<ChangesLag>(QUERY_LAG), lag, {
    description: 'Age of the oldest change that is not applied, bytes and number of changes',
  });
  setHandler(defineSignal<[]>(SIGNAL_MORE), hint, { description: 'The log has grown' });
  const order = (name: string, description: string, parse: (argument: unknown) => ApplyOrder): void =>
    handleOrder(name, description, parse, push);
  order(RETRY_APPLY, 'Try a blocked apply again', () => ({ kind: 'retry' }));
  order(PAUSE, 'Apply no more changes; they stay in the log', (why) => ({
    kind: 'pause',
    reason: reasonFrom(why),
  }));
  order(RESUME, 'Apply changes again after a pause', () => ({ kind: 'resume' }));
  order(REWIND, 'Apply again what the log has since a time', (argument) => ({
    kind: 'rewind',
    rewind: rewindFrom(argument),
  }));
  order(REPLAY_SET_ASIDE, 'Try again what was set aside', (argument) => ({
    kind: 'replay',
    keyHashes: keyHashesFrom(argument),
  }));
  order(SKIP_CHANGE, 'Leave out the change that Redshift refuses', (argument) => ({
    kind: 'skip',
    skip: skipFrom(argument),
  }));
  order(REMOVE_DESTINATION, 'Apply nothing more, keep no changes for it, and end', () => ({
    kind: 'remove',
  }));
}

const MOST_KEYS = 1000;

/** SHA-256 of a key, as `_tributary_set_aside` has it. */
const KEY_HASH = /^[0-9a-f]{64}$/;

const keyHashFrom = (hash: unknown): string => {
  if (typeof hash === 'string' && KEY_HASH.test(hash)) return hash;
  throw new Error(`expected a key hash of 64 hexadecimal digits; got ${JSON.stringify(hash)}`);
};

/** A key hash, or several, or nothing. @throws Error */
function keyHashesFrom(argument: unknown): string[] | undefined {
  if (argument == null) return undefined;
  const hashes = Array.isArray(argument) ? argument : [argument];
  if (hashes.length === 0 || hashes.length > MOST_KEYS)
    throw new Error(`expected 1 to ${MOST_KEYS} key hashes`);
  return hashes.map(keyHashFrom);
}

/** @throws Error */
function skipFrom(argument: unknown): SkipOrder {
  const { keyHash, shard, checkpoint, reason } = (argument ?? {}) as Record<string, unknown>;
  const why = reasonFrom(reason);
  if (why === undefined) throw new Error('expected a "reason": it is kept with the key');
  if (typeof shard !== 'string' || !Number.isSafeInteger(checkpoint) || (checkpoint as number) < 1)
    throw new Error('expected "shard" and "checkpoint", as the failure names them');
  return { keyHash: keyHashFrom(keyHash), shard, checkpoint: checkpoint as number, reason: why };
}

/** A time without its offset would depend on where it is read. */
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)$/;

/** A time, or `{"to": "2026-11-29T08:00Z", "dryRun": true}`. @throws Error */
function rewindFrom(argument: unknown): RewindOrder {
  const order = typeof argument === 'object' && argument !== null ? argument : { to: argument };
  const { to, dryRun = false } = order as { readonly to?: unknown; readonly dryRun?: unknown };
  if (typeof to !== 'string' || !INSTANT.test(to) || Number.isNaN(Date.parse(to)))
    throw new Error(`expected a time such as "2026-11-29T08:00Z"; got ${JSON.stringify(to)}`);
  if (typeof dryRun !== 'boolean')
    throw new Error(`expected "dryRun" as true or false; got ${JSON.stringify(dryRun)}`);
  return { to, dryRun };
}
