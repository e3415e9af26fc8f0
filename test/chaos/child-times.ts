import type { WorkflowInterceptorsFactory } from '@temporalio/workflow';

/** A workflow task that a dead worker had taken goes to another worker after this time. */
export const WORKFLOW_TASK_TIMEOUT = '2s';

/** Of children too: production's workflows leave it to the server, which waits for 10 s. */
export const interceptors: WorkflowInterceptorsFactory = () => ({
  outbound: [
    {
      startChildWorkflowExecution: ({ options, ...input }, next) =>
        next({ ...input, options: { ...options, workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT } }),
    },
  ],
});
