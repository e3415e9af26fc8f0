import { type WorkflowInterceptorsFactory, workflowInfo } from '@temporalio/workflow';

/**
 * A child's task that a dead worker had taken goes to another one as soon as its parent's: production's workflows leave that to
 * the server, which waits for 10 s.
 */
export const interceptors: WorkflowInterceptorsFactory = () => ({
  outbound: [
    {
      startChildWorkflowExecution: ({ options, ...input }, next) =>
        next({ ...input, options: { ...options, workflowTaskTimeout: workflowInfo().taskTimeoutMs } }),
    },
  ],
});
