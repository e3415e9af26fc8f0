import { defineQuery, defineSignal, setHandler } from '@temporalio/workflow';
import {
  type ApplyProgress,
  type ChangesLag,
  RETRY_APPLY,
  SIGNAL_MORE,
} from '../../contract/changes/changes.ts';
import { PAUSE, QUERY_LAG, RESUME } from '../../contract/loader/loader.ts';
import { QUERY_PROGRESS } from '../../contract/refresh.ts';
import { handleOrder, type OrderMessage, reasonFrom } from '../order.ts';

/** What an operator asks for. */
export type ApplyOrder =
  | { readonly kind: 'retry' }
  | { readonly kind: 'pause'; readonly reason: string | undefined }
  | { readonly kind: 'resume' };

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
  order(RESUME, 'Apply changes again', () => ({ kind: 'resume' }));
}
