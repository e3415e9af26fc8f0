import { asSentence } from '../pipeline/text/sentences.ts';

/**
 * A failure after the swap was committed.
 * @param left what may not have been done
 */
export function cleanUpFailure(failed: {
  readonly schema: string;
  readonly run: string;
  readonly left: string;
  readonly cause: string;
}): { readonly code: 'CleanUpFailed'; readonly message: string } {
  const { schema, run, left, cause } = failed;
  return {
    code: 'CleanUpFailed',
    message: `Live schema ${schema} holds the new data of run ${run}. It may have left: ${left}. What failed came after the swap: ${asSentence(cause)}`,
  };
}
