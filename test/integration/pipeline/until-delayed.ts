import type { Client, WorkflowHandle } from '@temporalio/client';
import { observeRun } from '../../../src/cli/observe/observe-run.ts';
import type { Progress } from '../../../src/contract/refresh.ts';
import type { WorkNow } from '../../../src/pipeline/run/work-now.ts';
import { until } from './until.ts';

/** A step that is retried or blocked, e.g. `segment 0`, and why. */
interface NamedDelay {
  readonly step: string;
  readonly why: RegExp;
}

const names = (now: WorkNow | undefined, delay: NamedDelay): boolean =>
  now?.delays.some(({ step, why }) => step === delay.step && delay.why.test(why)) === true;

/** Waits until `status` names the delay. */
export const untilStatusNames = (client: Client, workflowId: string, delay: NamedDelay) =>
  until(
    () => observeRun(client, workflowId),
    ({ now }) => names(now, delay),
  );

/** Waits until the workflow names it too, without a question to Temporal by its reader. */
export const untilProgressNames = (handle: WorkflowHandle, delay: NamedDelay) =>
  until(
    () => handle.query<Progress>('progress'),
    ({ now }) => names(now, delay),
  );
