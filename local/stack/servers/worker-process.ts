import { packageModule } from '../../../src/installation/package-files.ts';
import { type StackAddresses, stackEnvironment } from '../addresses.ts';
import type { RunningPart, StackContext } from '../stack-context.ts';
import { startServer } from './start-server.ts';

/** The task queue every workflow is started on. */
const taskQueue = 'tributary';

/** Starts a worker. It is ready once Temporal sees it polling for tasks. */
export async function startWorker(
  context: StackContext,
  addresses: StackAddresses,
  configFile: string | undefined,
): Promise<RunningPart> {
  const main = packageModule('src/workers/main.ts');
  const queue = `${addresses.temporal.ui}/api/v1/namespaces/${addresses.temporal.namespace}/task-queues/${taskQueue}`;
  const { process: worker } = await startServer(context, {
    portCount: 0,
    process: () => ({
      name: 'worker',
      command: process.execPath,
      arguments: ['--disable-warning=ExperimentalWarning', main],
      directory: process.cwd(),
      environment: { ...withoutAwsSettings(), ...stackEnvironment(addresses, configFile) },
      stopStep: 0,
    }),
    // Temporal also lists workers that have ended. An identity starts with the process id (src/workers/live-workers.ts).
    ready: async (_ports, { pid }) => {
      const response = await fetch(`${queue}?taskQueueType=TASK_QUEUE_TYPE_WORKFLOW`);
      const { pollers = [] } = (await response.json()) as { pollers?: { identity: string }[] };
      return pollers.some(({ identity }) => identity.startsWith(`${pid}-`));
    },
  });
  return { name: 'worker', address: `task queue ${taskQueue}`, process: worker };
}

/** A worker for the local emulators must not get the user's AWS profile or session. */
function withoutAwsSettings(): Record<string, string> {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_'));
  return Object.fromEntries(kept) as Record<string, string>;
}
