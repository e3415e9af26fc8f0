import { ApplicationFailure } from '@temporalio/common';
import { condition, defineSignal, defineUpdate, log, setHandler } from '@temporalio/workflow';

/** What an operator asks of a workflow. Its loop takes it in order, and answers. */
export interface OrderMessage<Order> {
  readonly kind: 'order';
  readonly order: Order;
  answer?: string;
  /** Why it is refused: the update fails with it. */
  refusal?: string;
}

/** What an order that cannot be obeyed throws. */
export class OrderRefused extends Error {
  override readonly name = 'OrderRefused';
}

/**
 * Registers an order as an update, and as a signal of the same name, which has no answer. Handlers only record. A signal that
 * does not fit is logged and ignored, because a handler that throws blocks its workflow.
 * @param parse makes an order of the argument; the `temporal` CLI sends `null` for a missing one. Throws if it does not fit
 */
export function handleOrder<Order, Argument>(
  name: string,
  description: string,
  parse: (argument: Argument | undefined) => Order,
  push: (message: OrderMessage<Order>) => void,
): void {
  setHandler(
    defineUpdate<string, [argument: Argument | undefined]>(name),
    async (argument) => {
      const message: OrderMessage<Order> = { kind: 'order', order: parse(argument) };
      push(message);
      await condition(() => message.answer !== undefined || message.refusal !== undefined);
      if (message.refusal !== undefined)
        throw ApplicationFailure.nonRetryable(message.refusal, 'OrderRefused');
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
        log.warn('a signal that does not fit was ignored', {
          name,
          argument: JSON.stringify(argument)?.slice(0, 200),
        });
      }
    },
    { description: 'Same as the update of this name, but without an answer' },
  );
}

/** A reason that an operator gives: a text, `{"reason": "…"}`, or nothing. @throws Error */
export function reasonFrom(argument: unknown): string | undefined {
  const reason =
    typeof argument === 'object' && argument !== null ? (argument as { reason?: unknown }).reason : argument;
  if (reason == null || reason === '') return undefined;
  if (typeof reason === 'string') return reason.slice(0, 500);
  throw new Error(`expected a reason as text; got ${JSON.stringify(reason)}`);
}
