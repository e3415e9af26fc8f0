import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  CancellationScope,
  type ChildWorkflowHandle,
  condition,
  getExternalWorkflowHandle,
  isCancellation,
  log,
  patched,
  proxyActivities,
  sleep,
  type Workflow,
} from '@temporalio/workflow';
import { rootCause } from '../../contract/failure.ts';
import type { ControlActivities } from '../../contract/refresh-activities.ts';
import { profiles } from '../profiles.ts';
import type { ChildEnd, Children } from './supervise.ts';

const { endsOfChildren } = proxyActivities<ControlActivities>(profiles.short);

/** A fan-out's children as Temporal child workflows of the workflow that calls this. */
export function childWorkflows<Output>(
  idOf: (child: string) => string,
  start: (child: string) => Promise<ChildWorkflowHandle<Workflow>>,
): Children<Output> {
  const launched = new CancellationScope();
  const background = new CancellationScope();

  async function run(child: string, ended: (end: ChildEnd<Output>) => void): Promise<void> {
    let execution: string | undefined;
    try {
      const handle = await start(child);
      execution = handle.firstExecutionRunId;
      ended({ kind: 'settled', output: (await handle.result()) as Output });
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) {
        ended({ kind: 'external' });
      } else {
        const { message, type } = rootCause(error);
        ended({ kind: 'failed', error: message, type, execution });
      }
    }
  }

  return {
    launch(child, ended) {
      void launched.run(() => run(child, ended));
    },
    cancelLaunched: () => launched.cancel(),
    async cancelById(child) {
      try {
        await getExternalWorkflowHandle(idOf(child)).cancel();
      } catch (error) {
        log.info('a child could not be cancelled by its id', { child, error: String(error) });
      }
    },
    async closedStatusOf(children) {
      const statuses = await endsOfChildren({ workflowIds: children.map(idOf) });
      return new Map(
        children.flatMap((child) => {
          const status = statuses[idOf(child)];
          return status === undefined ? [] : [[child, status]];
        }),
      );
    },
    until: (isTrue, timeout) => (timeout === undefined ? condition(isTrue) : condition(isTrue, timeout)),
    sleep: (milliseconds) => sleep(milliseconds),
    inBackground(work) {
      const logged = async () => {
        try {
          await work();
        } catch (error) {
          if (!isCancellation(error)) log.warn('work in the background failed', { error: String(error) });
        }
      };
      void background.run(logged);
    },
    stopBackground: () => background.cancel(),
    nonCancellable: (work) => CancellationScope.nonCancellable(work),
    isCancellation,
    patched,
  };
}
