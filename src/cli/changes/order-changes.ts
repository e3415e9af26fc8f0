import type { Client } from '@temporalio/client';
import { SKIP_CHANGE, type SkipOrder } from '../../contract/changes/apply-activities.ts';
import { RETRY_APPLY, RETRY_SHARD } from '../../contract/changes/changes.ts';
import { REPLAY_SET_ASIDE, REWIND } from '../../contract/changes/reapply.ts';
import { PAUSE, RESUME } from '../../contract/loader/loader.ts';
import { withTemporal } from '../temporal/command-context.ts';
import { type Order, sendUpdate } from '../temporal/send-update.ts';
import { NEEDED_BY_CHANGES } from '../temporal/task-queue-pollers.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { asTypedHere, TRIBUTARY, WITH_CONFIG } from '../terminal/invocation.ts';
import { type ChangesOptions, keptFor, onePipeline } from './changes-here.ts';

/** An apply is cancelled by a pause, and its statement must end first. */
const ANSWER_SECONDS = 60;

export interface OrderOptions extends ChangesOptions {
  readonly reason?: string;
  /** The reading of the stream, instead of the destinations. */
  readonly reading?: boolean;
  readonly shard?: string;
}

/** What an order is sent to. */
interface Addressee {
  readonly workflowId: string;
  /** `orders`, or `orders to team-b`. */
  readonly label: string;
  readonly order: Order;
}

/** Applies no more changes to one or all destinations, or reads no more of the stream. */
export async function pauseChanges(name: string, options: OrderOptions): Promise<ExitCode> {
  const { reason } = options;
  const order = { update: PAUSE, what: 'pause', ...(reason === undefined ? {} : { argument: reason }) };
  await sendAll(name, await pausable(name, options, order), options);
  const { kind } = await onePipeline(name, options);
  const resume = `${TRIBUTARY} changes resume ${name}${options.reading ? ' --reading' : ''}${WITH_CONFIG}`;
  process.stdout.write(
    options.reading
      ? `Changes are not read now. ${keptFor(kind)} Resume: ${resume}\n`
      : `Changes are still read, and wait in the log. Resume: ${resume}\n`,
  );
  return ExitCode.done;
}

export async function resumeChanges(name: string, options: OrderOptions): Promise<ExitCode> {
  await sendAll(name, await pausable(name, options, { update: RESUME, what: 'resume' }), options);
  return ExitCode.done;
}

/** Reads shards again whose reading failed, and tries blocked applies again. */
export async function retryChanges(name: string, options: OrderOptions): Promise<ExitCode> {
  const { shard, destination } = options;
  if (shard !== undefined && destination !== undefined)
    throw new CommandError(
      ExitCode.usage,
      'A shard belongs to no destination: omit --shard or --destination.',
    );
  const { workflowId, destinations } = await onePipeline(name, options);
  const argument = shard === undefined ? {} : { argument: shard };
  const shards: Addressee = {
    workflowId,
    label: name,
    order: { update: RETRY_SHARD, what: 'retry', ...argument },
  };
  const applies = destinations.map(
    (each): Addressee => ({
      workflowId: each.workflowId,
      label: `${name} to ${each.name}`,
      order: { update: RETRY_APPLY, what: 'retry' },
    }),
  );
  const chosen = shard !== undefined ? [shards] : destination !== undefined ? applies : [shards, ...applies];
  await sendAll(name, chosen, options);
  return ExitCode.done;
}

async function pausable(name: string, options: OrderOptions, order: Order): Promise<Addressee[]> {
  const { reading = false, destination } = options;
  if (reading && destination !== undefined)
    throw new CommandError(
      ExitCode.usage,
      'Changes are read once for all destinations: omit --reading or --destination.',
    );
  const { workflowId, destinations } = await onePipeline(name, options);
  if (reading) return [{ workflowId, label: name, order }];
  return destinations.map((each) => ({
    workflowId: each.workflowId,
    label: `${name} to ${each.name}`,
    order,
  }));
}

export interface RewindOptions extends ChangesOptions {
  readonly to: string;
  readonly dryRun?: boolean;
}

/** Applies again what the log has since a time. One destination: the order concerns its tables. */
export async function rewindChanges(
  name: string,
  { to, dryRun = false, ...options }: RewindOptions,
): Promise<ExitCode> {
  await sendOne(name, options, { update: REWIND, what: 'rewind', argument: { to, dryRun } });
  if (!dryRun)
    process.stdout.write(`See how it is doing: ${TRIBUTARY} changes status ${name}${WITH_CONFIG}\n`);
  return ExitCode.done;
}

export interface ReplayOptions extends ChangesOptions {
  readonly keyHash?: readonly string[];
  readonly all?: boolean;
}

/** Tries again what was set aside. */
export async function replayChanges(
  name: string,
  { keyHash, all = false, ...options }: ReplayOptions,
): Promise<ExitCode> {
  if (all === (keyHash !== undefined))
    throw new CommandError(
      ExitCode.usage,
      `Give --key-hash, once or more often, or --all. List them: ${TRIBUTARY} changes set-aside ${name}${WITH_CONFIG}`,
    );
  const argument = keyHash === undefined ? {} : { argument: keyHash };
  await sendOne(name, options, { update: REPLAY_SET_ASIDE, what: 'replay', ...argument });
  process.stdout.write(`See how it is doing: ${TRIBUTARY} changes status ${name}${WITH_CONFIG}\n`);
  return ExitCode.done;
}

export interface SkipOptions extends ChangesOptions {
  readonly keyHash: string;
  readonly shard: string;
  readonly checkpoint: number;
  readonly reason: string;
}

/** Leaves out a change that Redshift refuses. */
export async function skipChange(name: string, options: SkipOptions): Promise<ExitCode> {
  const { keyHash, shard, checkpoint, reason } = options;
  const argument: SkipOrder = { keyHash, shard, checkpoint, reason };
  await sendOne(name, options, { update: SKIP_CHANGE, what: 'skip', argument });
  process.stdout.write(`What was skipped: ${TRIBUTARY} changes set-aside ${name}${WITH_CONFIG}\n`);
  return ExitCode.done;
}

/** An order that concerns the tables of one destination. */
export async function sendOne(name: string, options: ChangesOptions, order: Order): Promise<void> {
  const { destinations } = await onePipeline(name, options);
  const [only, ...others] = destinations;
  if (only === undefined || others.length > 0) {
    throw new CommandError(
      ExitCode.usage,
      `Choose with --destination: ${destinations.map((each) => each.name).join(', ')}.`,
    );
  }
  await sendAll(name, [{ workflowId: only.workflowId, label: `${name} to ${only.name}`, order }], options);
}

/** Sends all of them, even if one is refused. @throws CommandError that says which were */
async function sendAll(
  name: string,
  addressees: readonly Addressee[],
  { config }: ChangesOptions,
): Promise<void> {
  await withTemporal(config, async (client) => {
    const refused: string[] = [];
    for (const addressee of addressees) {
      try {
        process.stdout.write(`${addressee.label}: ${asTypedHere(await send(client, name, addressee))}\n`);
      } catch (error) {
        if (!(error instanceof CommandError)) throw error;
        refused.push(`${addressee.label}: ${error.message}`);
      }
    }
    if (refused.length > 0) throw new CommandError(ExitCode.failed, refused.join('\n'));
  });
}

const send = (client: Client, name: string, { workflowId, order }: Addressee): Promise<string> =>
  sendUpdate(client, workflowId, order, {
    answerSeconds: ANSWER_SECONDS,
    needed: NEEDED_BY_CHANGES,
    unanswered: `It may still be done: see ${TRIBUTARY} changes status ${name}${WITH_CONFIG}`,
    notRunning: `It does not run, so it cannot be asked. Start it: ${TRIBUTARY} changes start ${name}${WITH_CONFIG}`,
  });
