import { WorkflowFailedError } from '@temporalio/client';
import { failureText } from '../temporal/failure-text.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';

/** The result of a workflow. @throws CommandError with the reason if it failed */
export async function resultOf<Result>(wait: () => Promise<Result>): Promise<Result> {
  try {
    return await wait();
  } catch (error) {
    if (error instanceof WorkflowFailedError)
      throw new CommandError(ExitCode.failed, failureText(error.cause), { cause: error });
    throw error;
  }
}
