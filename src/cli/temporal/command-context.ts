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
 * The local stack, if a command uses it by default. A dim line on stderr says so, or says which variable keeps the
 * command from using it.
 */
export function chosenLocalStack(config: string | undefined): LocalStack | undefined {
  const stack = runningStack(configPath(config));
  if (stack === undefined) return undefined;
  const variable = addressedBy(process.env, stack);
  const file = relative('', stack.file) || stack.file;
  // The stack's own worker has all of its addresses: there is nothing to report.
  const note =
    variable === undefined
      ? `using the local stack in ${file}`
      : variable.startsWith('TRIBUTARY_')
        ? undefined
        : `${variable} is set: ignoring the local stack in ${file}`;
  if (note !== undefined) process.stderr.write(`${paletteFor(process.stderr).dim(note)}\n`);
  return variable === undefined ? stack : undefined;
}

/**
 * Points the AWS clients of this process, which read its environment, at the local stack, if one is used. Credentials
 * of the user's own must not be sent to it.
 */
export function useLocalStack(stack: LocalStack | undefined): void {
  if (stack === undefined) return;
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
  Object.assign(process.env, stack.environment);
}

/** The same stack, for a command that has already reported it. */
export const stackInUse = (config: string | undefined) => localStackFor(configPath(config));

/** Runs `work` with a client for Temporal, and always closes its connection. */
export async function withTemporal<T>(
  config: string | undefined,
  work: (client: Client, target: TemporalTarget) => Promise<T>,
): Promise<T> {
  const target = temporalTarget(chosenLocalStack(config));
  // Loaded here, so that help and usage errors do not wait for it.
  const { connectTemporal } = await import('./temporal-connection.ts');
  const client = await connectTemporal(target);
  try {
    return await work(client, target);
  } finally {
    await client.connection.close();
  }
}
