import { condition, defineQuery, defineSignal, defineUpdate, log, setHandler } from '@temporalio/workflow';
import {
  type ApplyProgress,
  type ChangesLag,
  RETRY_APPLY,
  SIGNAL_MORE,
} from '../../contract/changes/changes.ts';
import { PAUSE, QUERY_LAG, RESUME } from '../../contract/loader/loader.ts';
import { QUERY_PROGRESS } from '../../contract/refresh.ts';

type Why = string | { readonly reason?: string } | null | undefined;

/** What an operator asks for. */
export type ApplyOrder =
  | { readonly kind: 'retry' }
  | { readonly kind: 'pause'; readonly reason: string | undefined }
  | { readonly kind: 'resume' };

/** What handlers leave for the loop, which takes the records in order and decides. */
export interface ApplyMessage {
  readonly kind: 'order';
  readonly order: ApplyOrder;
  answer?: string;
}

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
  const order = <Argument>(
    name: string,
    description: string,
    parse: (argument: Argument | undefined) => ApplyOrder,
  ): void => {
    setHandler(
      defineUpdate<string, [argument: Argument | undefined]>(name),
      async (argument) => {
        const message: ApplyMessage = { kind: 'order', order: parse(argument) };
        push(message);
        await condition(() => message.answer !== undefined);
        return message.answer as string;
      },
      { description, validator: (argument) => void parse(argument) },
    );
    setHandler(
      defineSignal<[argument: Argument | undefined]>(name),
      (argument) => {
        try {
          push({ kind: 'order', order: parse(argument) });
        } catch {
          log.warn('ignored a signal that does not fit', { name });
        }
      },
      { description: 'Same as the update of this name, but without an answer' },
    );
  };
  order<unknown>(RETRY_APPLY, 'Try a blocked apply again', () => ({ kind: 'retry' }));
  order<Why>(PAUSE, 'Apply no more changes; they stay in the log', (why) => ({
    kind: 'pause',
    reason: reasonFrom(typeof why === 'object' && why !== null ? why.reason : why),
  }));
  order<unknown>(RESUME, 'Apply changes again', () => ({ kind: 'resume' }));
}

/** @throws Error for a reason that is not text. */
function reasonFrom(reason: unknown): string | undefined {
  if (reason == null || reason === '') return undefined;
  if (typeof reason !== 'string') throw new Error('The reason must be text, e.g. "maintenance".');
  return reason;
}
