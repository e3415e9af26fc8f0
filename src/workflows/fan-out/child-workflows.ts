import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  type ChildWorkflowHandle,
  getExternalWorkflowHandle,
  log,
  proxyActivities,
  type Workflow,
} from '@temporalio/workflow';
import type { ControlActivities } from '../../contract/refresh-activities.ts';
import { profiles } from '../profiles.ts';
import { failed, scopedChildren } from './scoped-children.ts';
import type { Children } from './supervise.ts';

const { endsOfChildren } = proxyActivities<ControlActivities>(profiles.short);

/** A fan-out's children as Temporal child workflows of the workflow that calls this. */
export function childWorkflows<Output>(
  idOf: (child: string) => string,
  start: (child: string) => Promise<ChildWorkflowHandle<Workflow>>,
): Children<Output> {
  return {
    ...scopedChildren<Output>(
      async (child) => (await (await start(child)).result()) as Output,
      (error) =>
        error instanceof WorkflowExecutionAlreadyStartedError ? { kind: 'external' } : failed(error),
    ),
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
  };
}
