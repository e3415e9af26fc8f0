/**
 * A health check: `node local/compose/worker-polls.ts <Web UI> <namespace>` succeeds if this container's worker is
 * polling Temporal for tasks. A worker's identity ends in `@<host name>`.
 */
import { hostname } from 'node:os';

interface TaskQueue {
  pollers?: { identity: string }[];
}

const [ui, namespace] = process.argv.slice(2);
const taskQueue = `${ui}/api/v1/namespaces/${namespace}/task-queues/tributary`;
const response = await fetch(`${taskQueue}?taskQueueType=TASK_QUEUE_TYPE_WORKFLOW`, {
  signal: AbortSignal.timeout(3000),
});
const { pollers = [] } = (await response.json()) as TaskQueue;
process.exitCode = pollers.some(({ identity }) => identity.endsWith(`@${hostname()}`)) ? 0 : 1;
