import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { Terminal, Transient } from '../clients/errors.ts';
import { classifySqlError } from '../clients/sql-error.ts';
import type { Row, StatementState, Warehouse } from '../clients/warehouse.ts';
import { clientToken } from '../pipeline/client-token.ts';

/** A guard inside a transaction did not hold: nothing of it was done. */
export class GuardFailed extends Error {
  override readonly name = 'GuardFailed';
  /** Which of its statements, from 1. */
  readonly statement: number | undefined;

  constructor(transaction: string, statement: number | undefined) {
    super(`guard ${statement ?? ''} of ${transaction} did not hold`);
    this.statement = statement;
  }
}

export interface Transaction {
  /** For people: the statement's name in Redshift's lists. */
  readonly name: string;
  /** What it is done to, e.g. the staging schema: part of the client token. */
  readonly scope: string;
  readonly statements: readonly string[];
}

type Failed = Extract<StatementState, { status: 'FAILED' | 'ABORTED' }>;

const WAIT_SECONDS = 15;
const MAX_TRIES = 20;
/** A failure of no known kind (memory, a node that went away) is worth this many tries. */
const MAX_UNKNOWN_FAILURES = 3;
const CANCEL_WAIT_MS = 30_000;
/** A failure this much older than the attempt came with a repeated client token. */
const CLOCK_SKEW_MS = 2_000;

/**
 * Runs statements as one transaction and waits for its end.
 *
 * The client token is made from the statements and a counter, so an attempt that takes over finds the statement
 * of the one before it rather than submitting it again. A token gives back a failed statement too, for hours:
 * the counter goes on only once a try was seen to have failed.
 *
 * @returns the statement's id, for its results.
 * @throws GuardFailed where a guard stopped it, Terminal where a person has to act.
 */
export async function runTransaction(
  warehouse: Warehouse,
  transaction: Transaction,
  signal: AbortSignal,
): Promise<string> {
  const startedMs = Date.now();
  let unknownFailures = 0;
  let last: Failed | undefined;
  for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
    const { name, scope, statements } = transaction;
    const id = await warehouse.submit(statements, {
      name,
      clientToken: clientToken(scope, name, statements, attempt),
      signal,
    });
    const ended = await untilEnded(warehouse, id, signal);
    if (ended.status === 'FINISHED') return id;
    last = ended;
    if (ended.createdAtMs < startedMs - CLOCK_SKEW_MS) continue;
    if (ended.status === 'ABORTED') {
      throw new Transient(
        'StatementAborted',
        `${transaction.name} was cancelled in Redshift: ${ended.error}`,
      );
    }
    switch (classifySqlError(ended.error)) {
      case 'guard':
        throw new GuardFailed(transaction.name, ended.failedStatement);
      case 'serializable':
        await setTimeout(backoffMs(attempt), undefined, { signal });
        continue;
      case 'other':
        if (++unknownFailures < MAX_UNKNOWN_FAILURES) {
          await setTimeout(backoffMs(attempt), undefined, { signal });
          continue;
        }
        throw refused(transaction, ended);
      case 'loadError':
        throw new LoadFailed(transaction.name, ended.error);
      case 'permission':
      case 'notFound':
      case 'exists':
        throw refused(transaction, ended);
    }
  }
  throw refused(transaction, last as Failed);
}

/** COPY refused rows or files; Redshift's tables say which. */
export class LoadFailed extends Error {
  override readonly name = 'LoadFailed';

  constructor(transaction: string, error: string) {
    super(`${transaction} failed: ${error}`);
  }
}

/** Runs read-only statements in one transaction and gives each one's rows. Always asked anew. */
export async function query(
  warehouse: Warehouse,
  name: string,
  statements: readonly string[],
  signal: AbortSignal,
): Promise<(readonly Row[])[]> {
  const scope = randomBytes(16).toString('hex');
  const id = await runTransaction(warehouse, { name, scope, statements }, signal);
  const results: (readonly Row[])[] = [];
  for (let n = 1; n <= statements.length; n++) results.push(await warehouse.rows(id, n, { signal }));
  return results;
}

async function untilEnded(
  warehouse: Warehouse,
  id: string,
  signal: AbortSignal,
): Promise<Extract<StatementState, { status: 'FINISHED' }> | Failed> {
  const context = Context.current();
  try {
    for (;;) {
      const state = await warehouse.describe(id, { waitSeconds: WAIT_SECONDS, signal });
      if (state.status === 'FINISHED' || state.status === 'FAILED' || state.status === 'ABORTED')
        return state;
      // A service that does not wait answers at once.
      await setTimeout(200, undefined, { signal });
    }
  } catch (error) {
    // Shut down, paused or reset, the statement belongs to whoever goes on; only a cancelled run takes it back.
    if (signal.aborted && context.cancellationDetails?.cancelRequested === true)
      await cancelAndWait(warehouse, id);
    throw error;
  }
}

async function cancelAndWait(warehouse: Warehouse, id: string): Promise<void> {
  await warehouse.cancel(id);
  const untilMs = Date.now() + CANCEL_WAIT_MS;
  while (Date.now() < untilMs) {
    const state = await warehouse.describe(id, { waitSeconds: 5 });
    if (state.status === 'FINISHED' || state.status === 'FAILED' || state.status === 'ABORTED') return;
    await setTimeout(200);
  }
}

function refused(transaction: Transaction, { error, failedStatement }: Failed): Terminal {
  const kind = classifySqlError(error);
  const statement = failedStatement === undefined ? undefined : transaction.statements[failedStatement - 1];
  const shown = statement === undefined ? '' : ` Statement ${failedStatement}: ${statement.slice(0, 300)}`;
  const advice =
    kind === 'permission'
      ? ' Grant what is missing (README, "Running on AWS"), then retry.'
      : ' Mend the cause, then retry; nothing of this transaction was done.';
  return new Terminal('StatementFailed', `${transaction.name} failed: ${error}.${advice}${shown}`);
}

function backoffMs(attempt: number): number {
  return Math.min(30_000, 500 * 2 ** attempt) * (0.5 + Math.random() / 2);
}
