import { packageModule } from '../../src/installation/package-files.ts';
import { type StackAddresses, stackEnvironment } from './addresses.ts';
import type { RunningPart, StackContext } from './stack-context.ts';
import { startServer } from './start-server.ts';

/** The task queue every workflow is started on. */
const taskQueue = 'tributary';

/** One worker of our own, ready once Temporal sees it asking for tasks. */
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
    // Temporal also remembers workers that are gone; an identity begins with the process's id (src/workers/live-workers.ts).
    ready: async (_ports, { pid }) => {
      const response = await fetch(`${queue}?taskQueueType=TASK_QUEUE_TYPE_WORKFLOW`);
      const { pollers = [] } = (await response.json()) as { pollers?: { identity: string }[] };
      return pollers.some(({ identity }) => identity.startsWith(`${pid}-`));
    },
  });
  return { name: 'worker', address: `task queue ${taskQueue}`, process: worker };
}

/** The user's AWS profile or session must not reach a worker that is to use the local emulators. */
function withoutAwsSettings(): Record<string, string> {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_'));
  return Object.fromEntries(kept) as Record<string, string>;
}
