import { relative } from 'node:path';
import type { Client } from '@temporalio/client';
import { configPath } from '../../config/read-config.ts';
import { paletteFor } from '../terminal/palette.ts';
import {
  addressedBy,
  type LocalStack,
  localStackFor,
  runningStack,
  type TemporalTarget,
  temporalTarget,
} from './temporal-target.ts';

/**
 * The local stack that a command uses because nothing else was said; told in a dim line on stderr, as is the variable
 * that keeps it from being used.
 */
export function chosenLocalStack(config: string | undefined): LocalStack | undefined {
  const stack = runningStack(configPath(config));
  if (stack === undefined) return undefined;
  const variable = addressedBy(process.env, stack);
  const file = relative('', stack.file) || stack.file;
  // A worker or command of the stack itself has all of its addresses: nothing to tell.
  const note =
    variable === undefined
      ? `using the local stack in ${file}`
      : variable.startsWith('TRIBUTARY_')
        ? undefined
        : `${variable} is set: the local stack in ${file} is left aside`;
  if (note !== undefined) process.stderr.write(`${paletteFor(process.stderr).dim(note)}\n`);
  return variable === undefined ? stack : undefined;
}

/**
 * Has the AWS clients of this process, which read its environment, reach the local stack where one is used: a user's
 * own profile must not reach its parts.
 */
export function useLocalStack(stack: LocalStack | undefined): void {
  if (stack === undefined) return;
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
  Object.assign(process.env, stack.environment);
}

/** The stack again, for a command that has told of it already. */
export const stackInUse = (config: string | undefined) => localStackFor(configPath(config));

/** Runs `work` with a client for Temporal, and closes its connection whatever happens. */
export async function withTemporal<T>(
  config: string | undefined,
  work: (client: Client, target: TemporalTarget) => Promise<T>,
): Promise<T> {
  const target = temporalTarget(chosenLocalStack(config));
  // Loaded here, so that help and mistakes in a command are answered at once.
  const { connectTemporal } = await import('./temporal-connection.ts');
  const client = await connectTemporal(target);
  try {
    return await work(client, target);
  } finally {
    await client.connection.close();
  }
}
