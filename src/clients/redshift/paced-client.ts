import type { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import type { DataApiShare } from './data-api-share.ts';

/** The part used of a client's middleware stack. */
interface Stack {
  addRelativeTo(step: Step, where: { name: string; relation: 'before'; toMiddleware: string }): void;
}
type Step = (next: Next, context: CallContext) => Next;
type Next = (args: unknown) => Promise<unknown>;
interface CallContext {
  readonly commandName?: string;
  /** Where the SDK keeps, among others, the signal that a call was sent with. */
  readonly __smithy_context?: { readonly abortSignal?: AbortSignal };
}

/**
 * Has every attempt of every call wait for its turn, the SDK's own repetitions too: after the middleware that
 * repeats, and before the one that signs, since a signature ages.
 */
export function pace(client: RedshiftDataClient, share: DataApiShare): void {
  (client.middlewareStack as unknown as Stack).addRelativeTo(
    (next, { commandName = '', __smithy_context }) =>
      async (args) => {
        await share.turn(commandName.replace(/Command$/, ''), __smithy_context?.abortSignal);
        return next(args);
      },
    { name: 'dataApiPace', relation: 'before', toMiddleware: 'httpSigningMiddleware' },
  );
}
