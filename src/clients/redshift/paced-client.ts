import type { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import type { DataApiShare } from './data-api-share.ts';

/** The methods of a client's middleware stack that are used here. */
interface Stack {
  addRelativeTo(step: Step, where: { name: string; relation: 'before'; toMiddleware: string }): void;
}
type Step = (next: Next, context: CallContext) => Next;
type Next = (args: unknown) => Promise<unknown>;
interface CallContext {
  readonly commandName?: string;
  /** Contains, among other things, the signal that a call was sent with. */
  readonly __smithy_context?: { readonly abortSignal?: AbortSignal };
}

/**
 * Makes every attempt of every call wait for its turn, including the SDK's own retries. It runs after the retry
 * middleware, and before the signing middleware, because signatures expire.
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
