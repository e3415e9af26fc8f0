import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { RefreshInput } from '../../contract/refresh.ts';
import type { ControlActivities, OnStaging } from '../../contract/refresh-activities.ts';
import type { CheckResult } from '../../pipeline/run/check-result.ts';

import { FanOut } from '../fan-out/fan-out.ts';
import { activityChildren } from '../fan-out/scoped-children.ts';
import { Supervisor } from '../fan-out/supervise.ts';
import { profiles } from '../profiles.ts';

const { runCheck } = proxyActivities<ControlActivities>(profiles.statements);

/** Checks that run at once. */
const WINDOW = 4;

/** Runs a pipeline's checks, each as an activity. If one fails, the others continue, and then the run waits. */
export function checkSupervisor(
  names: readonly string[],
  on: OnStaging,
  { definition }: Pick<RefreshInput, 'definition'>,
  onResult: (result: CheckResult) => void,
): Supervisor<CheckResult> {
  const { workflowId } = workflowInfo();
  const children = activityChildren<CheckResult>(async (check) => {
    const sent = definition?.checks?.[check];
    const result = await runCheck({ ...on, check, ...(sent === undefined ? {} : { sent }) });
    onResult(result);
    return result;
  });
  return new Supervisor(new FanOut(names, WINDOW, () => workflowId), children, () => ({
    items: 0,
    bytes: 0,
  }));
}
