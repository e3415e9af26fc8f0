import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { StackAddresses } from './addresses.ts';
import { deleteStack } from './delete-stack.ts';
import { KeptProcesses } from './kept-processes.ts';
import { endLeftovers } from './process-list.ts';
import { startDynamodb } from './servers/dynamodb-server.ts';
import { startGlue } from './servers/glue-server.ts';
import { startPostgres } from './servers/postgres-server.ts';
import { redshiftProgram } from './servers/redshift-package.ts';
import { startRedshift } from './servers/redshift-server.ts';
import { startS3 } from './servers/s3-server.ts';
import { startSqs } from './servers/sqs-server.ts';
import { startTemporal } from './servers/temporal-server.ts';
import { startWorker } from './servers/worker-process.ts';
import type { RunningPart, StackContext, StackCredentials } from './stack-context.ts';

const noticeMs = 2000;

interface StackOptions {
  /** The stack's directory, created if absent. Only one stack at a time may use it: see `local-state.ts`. */
  directory: string;
  /** Keep data for the next start. False: the directory is deleted with the stack. */
  persist: boolean;
  /** Also run one worker. Default: no. */
  worker?: boolean;
  /** The tributary.yaml that the worker reads. */
  configFile?: string;
  /** Addresses of an earlier start, whose ports are reused if they are free. */
  before?: StackAddresses | undefined;
  /** Reports progress, one line per call. */
  log?: (line: string) => void;
  /** Abort it to cancel the start. What has been started is ended first. */
  signal?: AbortSignal;
}

export interface Stack {
  addresses: StackAddresses;
  parts: RunningPart[];
  /** Starts a part again that has ended, on its addresses. @throws if it does not start, or if its ports are taken */
  restart(name: string): Promise<RunningPart>;
  /** Fulfilled when the keeper has ended for any reason, and all parts with it. */
  keeperEnded: Promise<void>;
  hasKeeperEnded(): boolean;
  /** Ends every process and, unless the stack persists, deletes its directory. May be called twice. */
  stop(): Promise<void>;
}

/**
 * Starts every part of the stack on free ports of loopback, fetches what is missing, and returns when all parts answer.
 * However this process ends, the servers end with it.
 * @throws if a part cannot be obtained or does not start; then nothing is left running
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  // First of all: report a missing part before anything is fetched or started.
  redshiftProgram();
  const directory = resolve(options.directory);
  const log = options.log ?? (() => {});
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  // As root, PostgreSQL's account must be able to reach its data. Nothing else there is open to it.
  if (process.getuid?.() === 0) chmodSync(directory, 0o711);
  const ended = await endLeftovers(directory);
  if (ended.length > 0) log(`ended processes left over from a killed stack: ${ended.join(', ')}`);
  const kept = new KeptProcesses({ directory, deleteStack: !options.persist });
  const stop = () => kept.end();
  const failing = new AbortController();
  const signal = AbortSignal.any([failing.signal, ...(options.signal ? [options.signal] : [])]);
  const credentials = credentialsOf(directory);
  const context: StackContext = { kept, directory, persist: options.persist, credentials, log, signal };
  const starting: Promise<unknown>[] = [];
  try {
    const { addresses, parts } = await Promise.race([
      startParts(context, options, starting),
      givenUp(signal),
    ]);
    const again = { ...context, samePorts: true };
    const restart = (name: string) => startPart(name, again, addresses, options.configFile);
    const { keeperEnded } = kept;
    return { addresses, parts, restart, keeperEnded, hasKeeperEnded: () => kept.hasKeeperEnded, stop };
  } catch (error) {
    failing.abort();
    // A part that is still starting may write to the directory until it notices. Wait for it before deleting that.
    await Promise.race([Promise.allSettled(starting), wait(noticeMs)]);
    await stop();
    await Promise.allSettled(starting);
    if (!options.persist) deleteStack(directory);
    throw error;
  }
}

/** Starts the parts in the order of their dependencies, and adds each pending start to `starting`. */
async function startParts(context: StackContext, options: StackOptions, starting: Promise<unknown>[]) {
  const { before } = options;
  const begun = <T>(part: Promise<T>): Promise<T> => {
    starting.push(part);
    return part;
  };
  const queues = begun(startSqs(context, before?.sqs));
  const buckets = begun(queues.then(async ({ addresses }) => await startS3(context, addresses, before?.s3)));
  const [temporal, sqs, s3, glue, dynamodb, postgres] = await Promise.all([
    begun(startTemporal(context, before?.temporal)),
    queues,
    buckets,
    begun(startGlue(context, before?.glue)),
    begun(buckets.then(async ({ addresses }) => await startDynamodb(context, addresses, before?.dynamodb))),
    begun(startPostgres(context, before?.postgres)),
  ]);
  const under = { s3: s3.addresses, dynamodb: dynamodb.addresses, postgres: postgres.addresses };
  const redshift = await begun(startRedshift(context, under, before?.redshiftData));
  const addresses: StackAddresses = {
    temporal: temporal.addresses,
    dynamodb: under.dynamodb,
    s3: under.s3,
    sqs: sqs.addresses,
    glue: glue.addresses,
    redshiftData: redshift.addresses,
    postgres: under.postgres,
  };
  const parts = [temporal, sqs, s3, glue, dynamodb, postgres, redshift].map((started) => started.part);
  if (options.worker) parts.push(await begun(startWorker(context, addresses, options.configFile)));
  return { addresses, parts };
}

async function startPart(
  name: string,
  context: StackContext,
  addresses: StackAddresses,
  configFile: string | undefined,
): Promise<RunningPart> {
  const { temporal, sqs, s3, glue, dynamodb, postgres, redshiftData } = addresses;
  switch (name) {
    case 'temporal':
      return (await startTemporal(context, temporal)).part;
    case 'sqs':
      return (await startSqs(context, sqs)).part;
    case 's3':
      return (await startS3(context, sqs, s3)).part;
    case 'glue':
      return (await startGlue(context, glue)).part;
    case 'dynamodb':
      return (await startDynamodb(context, s3, dynamodb)).part;
    case 'postgres':
      return (await startPostgres(context, postgres)).part;
    case 'redshift':
      return (await startRedshift(context, addresses, redshiftData)).part;
    case 'worker':
      return startWorker(context, addresses, configFile);
    default:
      throw new Error(`the stack has no part ${name}`);
  }
}

function givenUp(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  const giveUp = () => reject(new Error('the start of the stack was cancelled'));
  if (signal.aborted) giveUp();
  signal.addEventListener('abort', giveUp);
  promise.catch(() => {});
  return promise;
}

function credentialsOf(directory: string): StackCredentials {
  const file = join(directory, 'credentials.json');
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as StackCredentials;
  } catch {
    const made = {
      s3AccessKeyId: 'tributary',
      s3SecretAccessKey: randomBytes(20).toString('hex'),
      postgresPassword: randomBytes(16).toString('hex'),
    };
    writeFileSync(file, JSON.stringify(made), { mode: 0o600 });
    return made;
  }
}
