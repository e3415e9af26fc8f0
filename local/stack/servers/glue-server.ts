import { join } from 'node:path';
import { packageModule } from '../../../src/installation/package-files.ts';
import type { StackAddresses } from '../addresses.ts';
import type { RunningPart, StackContext } from '../stack-context.ts';
import { bareEnvironment, startServer } from './start-server.ts';
import { portOf } from './temporal-server.ts';

/** Starts the local Glue. */
export async function startGlue(
  context: StackContext,
  before: StackAddresses['glue'] | undefined,
): Promise<{ part: RunningPart; addresses: StackAddresses['glue'] }> {
  const { ports, process: server } = await startServer(context, {
    portCount: 1,
    wantedPorts: before && [portOf(before.endpoint)],
    process: ([port]) => ({
      name: 'glue',
      command: process.execPath,
      arguments: ['--disable-warning=ExperimentalWarning', packageModule('local/glue/main.ts')],
      environment: {
        ...bareEnvironment(),
        GLUE_PORT: String(port),
        ...(context.persist && { GLUE_FILE: join(context.directory, 'glue.json') }),
      },
      stopStep: 2,
    }),
    // Any answer will do, even the refusal of an unsigned request.
    ready: async ([port]) => (await fetch(`http://127.0.0.1:${port}/`)).status > 0,
  });
  const endpoint = `http://127.0.0.1:${ports[0]}`;
  const part = { name: 'glue', address: endpoint, process: server, inMemory: !context.persist };
  return { part, addresses: { endpoint } };
}
