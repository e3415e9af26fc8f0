import type { Client } from '@temporalio/client';
import type {
  CheckDatasetInput,
  CheckDatasetResult,
  CheckLoaderInput,
  CheckLoaderResult,
} from '../../contract/maintenance.ts';
import { GaveUpWaiting, perform } from '../temporal/perform.ts';
import { newRunName } from '../temporal/run-name.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import type { Interrupt } from '../terminal/interrupt.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import type { ReportedCheck } from './doctor-lines.ts';

/** What a worker checks that is no pipeline. */
export type Checked = { readonly loader: string } | { readonly dataset: string };

/** Lets a worker check a loader or a dataset. That none answers is a finding, too. @throws CommandError if it is interrupted */
export async function askCheck(
  client: Client,
  checked: Checked,
  { timeoutSeconds, interrupt }: { readonly timeoutSeconds: number; readonly interrupt: Interrupt },
): Promise<ReportedCheck[]> {
  const waiting = { readOnly: true, timeoutSeconds, interrupt };
  try {
    const { checks } =
      'loader' in checked
        ? await perform<CheckLoaderResult, CheckLoaderInput>(
            client,
            {
              type: 'checkLoader',
              workflowId: `check-loader-${checked.loader}-${newRunName()}`,
              input: checked,
              summary: `check loader ${checked.loader}`,
            },
            waiting,
          )
        : await perform<CheckDatasetResult, CheckDatasetInput>(
            client,
            {
              type: 'checkDataset',
              workflowId: `check-dataset-${checked.dataset}-${newRunName()}`,
              input: checked,
              summary: `check dataset ${checked.dataset}`,
            },
            waiting,
          );
    return checks.map((check) => ({ ...checked, ...check }));
  } catch (error) {
    if (!(error instanceof CommandError) || error.exitCode === ExitCode.interrupted) throw error;
    return [{ ...checked, ...noAnswer(error) }];
  }
}

/** The finding that no worker answered, or that its answer was an error. */
export const noAnswer = (error: CommandError) => ({
  ...({ area: 'workers', what: 'answer', state: 'problem', found: error.message } as const),
  ...(error instanceof GaveUpWaiting
    ? { whatToDo: `Check that a worker is alive, and read its log. Start one: ${TRIBUTARY} worker` }
    : {}),
});
