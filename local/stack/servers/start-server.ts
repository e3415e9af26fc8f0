import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from '../free-ports.ts';
import type { KeptProcess } from '../kept-processes.ts';
import type { ServerProcess, StackContext } from '../stack-context.ts';
import { logExcerpt, logSinceStart, markStart } from './server-log.ts';
import { ProcessEnded, waitUntil } from './wait-until.ts';

const readyTimeoutSeconds = 120;
/** Another program may take a port after it was found free and before the server binds it. */
const portAttempts = 4;
/** Anywhere in the log: Temporal binds more ports than it is given, and panics if one is in use. */
const portTaken = /address (already )?in use|EADDRINUSE/i;

export interface Server {
  /** Builds the command for the free ports. */
  process(ports: number[]): ServerProcess;
  portCount: number;
  /** Ports to prefer, from an earlier start. */
  wantedPorts?: readonly number[] | undefined;
  /** True once the server is ready. */
  ready(ports: number[], process: KeptProcess): Promise<boolean>;
}

/**
 * Starts a server on free ports of loopback and waits until it answers.
 * @throws if it ends or does not answer in time, with an excerpt of its log
 */
export async function startServer(
  context: StackContext,
  server: Server,
): Promise<{ ports: number[]; process: KeptProcess }> {
  for (let attempt = 1; ; attempt++) {
    const wanted = attempt === 1 || context.samePorts ? server.wantedPorts : undefined;
    const ports = await freePorts(server.portCount, wanted);
    const taken = context.samePorts && wanted?.find((port, index) => ports[index] !== port);
    if (taken) throw new Error(`another program has taken its port ${taken}`);
    const asked = server.process(ports);
    const process_ = await context.kept.start({ ...defaults(context, asked.name), ...asked });
    try {
      const ready = () => {
        if (context.signal?.aborted) throw new ProcessEnded(`the start of ${asked.name} was cancelled`);
        return server.ready(ports, process_);
      };
      await waitUntil(ready, {
        timeoutSeconds: readyTimeoutSeconds,
        what: `an answer from ${asked.name} on port ${ports.join(', ')}`,
        unless: process_.failed,
      });
      return { ports, process: process_ };
    } catch (error) {
      const ended = error instanceof ProcessEnded && !context.signal?.aborted;
      if (ended && attempt < portAttempts && portTaken.test(logSinceStart(process_.logFile))) continue;
      await process_.stop();
      if (error instanceof ProcessEnded) throw error;
      throw new Error(`${(error as Error).message}.${logExcerpt(process_.logFile)}`, { cause: error });
    }
  }
}

function defaults(context: StackContext, name: string) {
  const logs = join(context.directory, 'logs');
  mkdirSync(logs, { recursive: true, mode: 0o700 });
  const logFile = join(logs, `${name}.log`);
  markStart(logFile);
  return {
    directory: context.directory,
    environment: bareEnvironment(),
    logFile,
    stopStep: 2,
    stopSignal: 'SIGTERM',
    stopGraceSeconds: 10,
  } as const;
}

/** The variables that any program needs to run, without any configuration or credentials. */
export function bareEnvironment(): Record<string, string> {
  const environment: Record<string, string> = { TZ: 'UTC' };
  for (const name of ['PATH', 'HOME', 'TMPDIR', 'LANG', 'LD_LIBRARY_PATH']) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}
