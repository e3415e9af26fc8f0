import { relative } from 'node:path';
import type { Client } from '@temporalio/client';
import { configPath } from '../config/read-config.ts';
import { paletteFor } from './palette.ts';
import { type LocalStack, localStackBeside, type TemporalTarget, temporalTarget } from './temporal-target.ts';

/** The local stack that a command uses because nothing else was said; told in a dim line on stderr. */
export function chosenLocalStack(config: string | undefined): LocalStack | undefined {
  const stack = localStackBeside(configPath(config));
  if (stack !== undefined) {
    const file = relative('', stack.file) || stack.file;
    process.stderr.write(`${paletteFor(process.stderr).dim(`using the local stack in ${file}`)}\n`);
  }
  return stack;
}

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
