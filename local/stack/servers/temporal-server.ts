import { join } from 'node:path';
import { findPart } from '../../parts/find-part.ts';
import { temporal } from '../../parts/temporal.ts';
import type { StackAddresses } from '../addresses.ts';
import type { RunningPart, StackContext } from '../stack-context.ts';
import { startServer } from './start-server.ts';

const namespace = 'default';

/** The attributes that workflows upsert; see `src/workflows`. An unregistered one would fail the workflow task. */
const searchAttributes = ['TributaryPipeline', 'TributaryState', 'TributaryRun'];

/**
 * A development server has one shard, and by default a shard looks for new tasks at most 20 times a second: each step of a
 * run then waits for 40 ms.
 */
const dynamicConfig = {
  'history.transferProcessorMaxPollRPS': 1000,
  'history.timerProcessorMaxPollRPS': 1000,
  'history.visibilityProcessorMaxPollRPS': 1000,
};

/** Starts Temporal's development server with its Web UI, or uses the server in TRIBUTARY_USE_TEMPORAL. */
export async function startTemporal(
  context: StackContext,
  before: StackAddresses['temporal'] | undefined,
): Promise<{ part: RunningPart; addresses: StackAddresses['temporal'] }> {
  const named = process.env.TRIBUTARY_USE_TEMPORAL;
  if (named) return { part: { name: 'temporal', address: named }, addresses: addressesOfNamed(named) };
  const program = await findPart(temporal, context);
  const { ports, process: server } = await startServer(context, {
    portCount: 2,
    wantedPorts: before && [portOf(`http://${before.address}`), portOf(before.ui)],
    process: ([port, uiPort]) => ({
      name: 'temporal',
      command: program.path,
      arguments: [
        ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--ui-port', String(uiPort)],
        ...['--disable-config-file', '--disable-config-env', '--color', 'never'],
        ...Object.entries(dynamicConfig).flatMap(([key, value]) => [
          '--dynamic-config-value',
          `${key}=${value}`,
        ]),
        ...searchAttributes.flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
        ...(context.persist ? ['--db-filename', join(context.directory, 'temporal.db')] : []),
      ],
      // A clean shutdown takes a second, and has nothing to save if all data is in memory.
      stopSignal: context.persist ? 'SIGTERM' : 'SIGKILL',
    }),
    // The Web UI asks the server, so one answer proves that both are ready.
    ready: async ([, uiPort]) =>
      (await fetch(`http://127.0.0.1:${uiPort}/api/v1/namespaces/${namespace}`)).status === 200,
  });
  const address = `127.0.0.1:${ports[0]}`;
  return {
    part: { name: 'temporal', address, process: server, inMemory: !context.persist },
    addresses: { address, namespace, ui: `http://127.0.0.1:${ports[1]}` },
  };
}

/** By default, a development server's Web UI has the server's port plus 1000. */
function addressesOfNamed(address: string): StackAddresses['temporal'] {
  const url = new URL(`http://${address}`);
  return { address, namespace, ui: `http://${url.hostname}:${Number(url.port || 7233) + 1000}` };
}

export const portOf = (url: string) => Number(new URL(url).port);
