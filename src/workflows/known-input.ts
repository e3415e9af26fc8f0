import { patched, workflowInfo } from '@temporalio/workflow';
import { badInput } from './terminal-failure.ts';

/**
 * Rejects an input that is not an object or has a key that the workflow does not know. Inputs are typed by hand: if a
 * mistyped `dryRun` or `to` were ignored, the workflow would do exactly what the key should prevent.
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
    throw badInput(`The input of ${workflowType} must be one JSON object, e.g. ${example}. ${takes}`);
  }
  const unknown = Object.keys(given).find((key) => !known.includes(key));
  // Workflows started before this check existed keep ignoring an unknown key.
  if (unknown === undefined || !patched('refuse-unknown-input')) return;
  throw badInput(
    `${workflowType} does not know the key ${JSON.stringify(unknown)}. ${takes} Nothing was done.`,
  );
}
