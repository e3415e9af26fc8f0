import { setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import { withCommand } from '../pipeline/text/commands.ts';

/**
 * What starts the program where the command that started this workflow was typed, from its memo; undefined if it was
 * started by other means.
 */
export function commandHere(): string | undefined {
  const command = workflowInfo().memo?.command;
  return typeof command === 'string' ? command : undefined;
}

/** For the options of a child, whose texts name the same commands. */
export const memoOfChild = (): { readonly memo?: { readonly command: string } } => {
  const command = commandHere();
  return command === undefined ? {} : { memo: { command } };
};

/** A text with commands as they were typed there. */
export const asTyped = (text: string): string => withCommand(text, commandHere() ?? 'tributary');

/** Sets the current details, which the Web UI and `temporal workflow describe` show. */
export const showDetails = (text: string): void => setCurrentDetails(asTyped(text));
