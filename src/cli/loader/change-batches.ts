import { RETRY_BATCH, SKIP_BATCH, SPLIT_BATCH } from '../../contract/loader/loader.ts';
import type { Order } from '../temporal/send-update.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { asTypedHere, TRIBUTARY, WITH_CONFIG } from '../terminal/invocation.ts';
import { orderedOf } from './send-order.ts';

export interface ChangeBatchesOptions {
  readonly all?: boolean;
  readonly reason?: string;
  readonly config?: string;
}

/** Loads a parked batch again; with `--all`, every parked one. */
export function retryBatch(
  name: string,
  batch: number | undefined,
  { all = false, config }: ChangeBatchesOptions,
): Promise<ExitCode> {
  if (all === (batch !== undefined)) throw oneOf('retry', name);
  const argument = batch === undefined ? {} : { argument: batch };
  return changed(name, { update: RETRY_BATCH, what: 'retry', ...argument }, config);
}

/** Closes a parked batch without loading its files. */
export function skipBatch(
  name: string,
  batch: number,
  { reason, config }: ChangeBatchesOptions,
): Promise<ExitCode> {
  const argument = reason === undefined ? batch : { batch, reason };
  return changed(name, { update: SKIP_BATCH, what: 'skip', argument }, config);
}

/** Makes two batches of a parked one. */
export function splitBatch(name: string, batch: number, { config }: ChangeBatchesOptions): Promise<ExitCode> {
  return changed(name, { update: SPLIT_BATCH, what: 'split', argument: batch }, config);
}

/** How a loader answers when it did what was asked. */
const DONE = /^(?:retrying|batch \d+: (?:retrying|skipped|split|it was (?:skipped|split) before))/;

async function changed(name: string, order: Order, config: string | undefined): Promise<ExitCode> {
  const answer = asTypedHere(await orderedOf(name, order, config));
  if (!DONE.test(answer)) {
    throw new CommandError(
      ExitCode.failed,
      `The ${order.what} was refused: ${answer}. See what is parked: ${TRIBUTARY} loader status ${name}${WITH_CONFIG}`,
    );
  }
  process.stdout.write(`${answer}\nSee the outcome: ${TRIBUTARY} loader status ${name}${WITH_CONFIG}\n`);
  return ExitCode.done;
}

const oneOf = (verb: string, name: string) =>
  new CommandError(
    ExitCode.usage,
    `Give the number of a batch, or --all: ${TRIBUTARY} loader ${verb} ${name} --all`,
  );
