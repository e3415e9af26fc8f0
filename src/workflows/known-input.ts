import { ApplicationFailure } from '@temporalio/common';
import { patched, workflowInfo } from '@temporalio/workflow';

/**
 * Refuses an input that is no object, or has a key that the workflow does not know. Inputs are typed by hand, and a
 * mistyped `dryRun` or `to` that was passed over would have everything done that it was to prevent.
 * @param keys every key of the input
 * @throws ApplicationFailure `BadInput`
 */
export function refuseUnknownInput<Input extends object>(
  input: Input,
  keys: Readonly<Record<keyof Input, true>>,
): void {
  const { workflowType } = workflowInfo();
  const known = Object.keys(keys);
  const takes = `${workflowType} takes: ${known.join(', ')}.`;
  const given: unknown = input;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    const example = JSON.stringify({ pipeline: 'orders' });
    throw badInput(`The input of ${workflowType} is one JSON object, e.g. ${example}. ${takes}`);
  }
  const unknown = Object.keys(given).find((key) => !known.includes(key));
  // Of a workflow that is under way since before this was looked at, an unknown key is passed over for good.
  if (unknown === undefined || !patched('refuse-unknown-input')) return;
  throw badInput(
    `${JSON.stringify(unknown)} is nothing that ${workflowType} knows. ${takes} Nothing was done.`,
  );
}

const badInput = (message: string) => ApplicationFailure.nonRetryable(message, 'BadInput');
