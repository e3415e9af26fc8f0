import { setTimeout } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { Terminal, Transient } from '../../clients/errors.ts';
import type { Row, Warehouse } from '../../clients/warehouse.ts';
import { batches } from '../../pipeline/sql/batches.ts';
import { clientToken } from '../../pipeline/sql/client-token.ts';
import { classifySqlError } from '../../pipeline/sql/sql-error.ts';
import type { SqlFailure } from '../../pipeline/sql/sql-error-case.ts';
import { ActivityRecord } from '../runtime/activity-record.ts';
import { randomToken } from './random-token.ts';
import { endedInSession } from './session-transaction.ts';
import { statementFailure } from './statement-failure.ts';
import { type Ended, type Failed, type StatementWatch, type TimedOut, untilEnded } from './until-ended.ts';
import { whoBlocks } from './who-blocks.ts';

/** A guard inside a transaction did not hold, so none of it took effect. */
export class GuardFailed extends Error {
  override readonly name = 'GuardFailed';
  /** The failed statement's number, from 1. */
  readonly statement: number | undefined;

  constructor(transaction: string, statement: number | undefined) {
    super(`guard ${statement ?? ''} of ${transaction} did not hold`);
    this.statement = statement;
  }
}

/** The transaction did not end within the time limit of its only try, and was cancelled: none of it took effect. */
export class NotInTime extends Error {
  override readonly name = 'NotInTime';

  constructor(transaction: string) {
    super(`${transaction} was not done in time`);
  }
}

export interface Transaction {
  /** The statement's name in Redshift's lists, for operators. */
  readonly name: string;
  /** What it changes, e.g. the staging schema: part of the client token. */
  readonly scope: string;
  readonly statements: readonly string[];
  /** See `FailedTransaction`. */
  readonly shownAs?: string;
  /** Its time limit, and how to find what blocks it. Default: for transactions that take seconds, as queries do. */
  readonly watch?: StatementWatch;
}

/** The time limit of catalogue queries and checks. */
const QUERY_SECONDS = 15 * 60;

/** How often an attempt loses to concurrent transactions. Old failures that a client token may bring back do not count. */
const MAX_CONFLICTS = 20;
/** An attempt retries a failure that may pass (memory, a lost node) this many times in quick succession. */
const MAX_PASSING_FAILURES = 3;
/** How often a statement is cancelled at its time limit before an operator must act. */
const MAX_TIMEOUTS = 3;
/** How often the service may forget a statement before an operator must act; each time takes a day. */
const MAX_FORGOTTEN = 5;

/**
 * Runs statements as one transaction and waits for its end. Each try takes one of the warehouse's slots.
 *
 * The first try's client token depends on the statements alone, so a worker that takes over finds the running statement
 * instead of submitting it again. For hours, a token also returns a failed statement: a statement that had failed
 * before our first look may have failed long ago. No clock is trusted here. It is tried again under this attempt's own
 * token, which the next attempt also looks for, and then under new tokens, whose failures are certainly new.
 *
 * The service forgets a token after 8 hours, and a statement with its results after 24. The same statements then run
 * again, whatever their earlier outcome, so they must be repeatable: guarded, `IF NOT EXISTS` or read-only.
 *
 * @returns the statement's id, for its results.
 * @throws GuardFailed if a guard stopped it, NotInTime if its only try took too long, Terminal if an operator must act.
 */
export async function runTransaction(
  warehouse: Warehouse,
  transaction: Transaction,
  signal: AbortSignal,
): Promise<string> {
  return runTries(warehouse, transaction, signal, { earlier: triesBefore(), run: asBatch });
}

/**
 * Runs statements as one transaction, however many they are. What fits into a batch is one. The others span a session: if
 * that is lost, nothing has taken effect, or everything has. Nothing finds out which: no token stands for a session's
 * transaction, so its statements must prove that they have not run before.
 * @returns whether it needed a session.
 * @throws as `runTransaction`, and Transient if the session is lost.
 */
export async function runLongTransaction(
  warehouse: Warehouse,
  transaction: Transaction,
  signal: AbortSignal,
): Promise<{ readonly inSession: boolean }> {
  const inSession = batches(transaction.statements, BATCH).length > 1;
  if (inSession) await runTries(warehouse, transaction, signal, { earlier: [], run: endedInSession });
  else await runTransaction(warehouse, transaction, signal);
  return { inSession };
}

/** The Data API's limit for a batch. */
const BATCH = { maxStatements: 40 };

/**
 * Suffixes of the tokens that earlier tries may have used: the one shared by everyone who runs these statements, that
 * of the previous attempt, which may have died meanwhile, and this attempt's, which may have run them before.
 */
function triesBefore(): string[] {
  const { workflowExecution, activityId, attempt } = Context.current().info;
  const ofAttempt = (nth: number) => [workflowExecution?.runId, activityId, nth].join('/');
  return ['', ...(attempt > 1 ? [ofAttempt(attempt - 1)] : []), ofAttempt(attempt)];
}

/** One try of a transaction. */
export interface Try {
  readonly warehouse: Warehouse;
  readonly transaction: Transaction & { readonly watch: StatementWatch };
  readonly token: string;
  readonly signal: AbortSignal;
}

async function asBatch({ warehouse, transaction, token, signal }: Try) {
  const { name, statements, watch } = transaction;
  // The statement may run from now on, so wait for its id: `untilEnded` needs it to cancel.
  const id = await warehouse.submit(statements, { name, clientToken: token });
  return { id, ended: await untilEnded(warehouse, { id, name }, watch, signal) };
}

interface Tries {
  /** Token suffixes of possible earlier tries; further tries get a random one. */
  readonly earlier: readonly string[];
  readonly run: (one: Try) => Promise<{ readonly id: string; readonly ended: Ended }>;
}

async function runTries(
  warehouse: Warehouse,
  transaction: Transaction,
  signal: AbortSignal,
  { earlier: before, run }: Tries,
): Promise<string> {
  const { name, scope, statements } = transaction;
  const watch: StatementWatch = transaction.watch ?? {
    timeLimitSeconds: QUERY_SECONDS,
    whoBlocks: (pid) => whoBlocks(warehouse, pid, [], signal),
  };
  const takes = transaction.watch === undefined ? 'short' : 'long';
  const { waits } = ActivityRecord.current();
  const inASlot = async (token: string) => {
    signal.throwIfAborted();
    return run({ warehouse, transaction: { ...transaction, watch }, token, signal });
  };
  const whenSlotIsFree = async (token: string) => {
    const { slots } = warehouse;
    if (slots === undefined) return inASlot(token);
    const endWait = waits.begin(
      'slot',
      (seconds) => `${name} has waited ${seconds} for this worker's other statements in Redshift to end`,
    );
    const begun = () => {
      endWait();
      return inASlot(token);
    };
    return slots.inSlot(begun, takes, signal).finally(endWait);
  };
  const tryUnder = async (token: string) => {
    for (let forgotten = 0; ; ) {
      try {
        return await whenSlotIsFree(token);
      } catch (error) {
        if (!isForgotten(error) || ++forgotten >= MAX_FORGOTTEN) throw error;
        // The same token again: it finds the statement if the service lost it only briefly.
        await setTimeout(backoffMs(forgotten - 1), undefined, { signal });
      }
    }
  };
  let timeouts = 0;
  let conflicts = 0;
  let passingFailures = 0;
  for (let n = 0; ; n++) {
    const token = clientToken(scope, name, statements, before[n] ?? randomToken());
    const { id, ended } = await tryUnder(token);
    if (ended.status === 'FINISHED') return id;
    if (ended.status === 'TIMED_OUT') {
      if (!ended.hasEnded) throw notEnding(transaction, id, watch, ended);
      if (watch.isOnlyTry) throw new NotInTime(name);
      if (++timeouts < MAX_TIMEOUTS) continue;
      throw new Terminal(
        'StatementTimedOut',
        `${name} did not end in time. ${ended.blockedBy ?? 'No blocker was seen.'} The transaction took longer than ` +
          `${watch.timeLimitSeconds} s, ${MAX_TIMEOUTS} times, and was cancelled each time; nothing of it took effect.` +
          `${watch.setting === undefined ? '' : ` The limit is ${watch.setting}.`}`,
      );
    }
    const mayBeOld = n < before.length && !ended.seenRunning;
    if (mayBeOld) continue;
    if (ended.status === 'ABORTED') {
      throw new Transient('StatementAborted', `${name} was cancelled in Redshift: ${ended.error}`);
    }
    const error = classifySqlError(ended.error);
    switch (error.kind) {
      case 'guard':
        throw new GuardFailed(name, ended.failedStatement);
      case 'loadError':
        throw new LoadFailed(ended.error);
      case 'serializable':
        if (++conflicts < MAX_CONFLICTS) break;
        throw statementFailure(transaction, ended, ALWAYS_CONFLICTING);
      case 'cancelled':
      case 'failure':
        if (watch.isOnlyTry && error.kind === 'cancelled') throw new NotInTime(name);
        if (error.retried && ++passingFailures < MAX_PASSING_FAILURES) break;
        throw failureOf(transaction, ended, error);
    }
    await setTimeout(backoffMs(conflicts + passingFailures - 1), undefined, { signal });
  }
}

const ALWAYS_CONFLICTING: SqlFailure = {
  kind: 'failure',
  retried: false,
  code: 'StatementFailed',
  means: `Other transactions changed the same tables each of the ${MAX_CONFLICTS} times this one ran.`,
  advice: 'End the other process; nothing of this transaction took effect.',
};

function failureOf(transaction: Transaction, ended: Failed, error: SqlFailure): Terminal | Transient {
  const failure = statementFailure(transaction, ended, error);
  return error.missingIn === undefined ? failure : new ValueMissing(failure.message, error.missingIn);
}

/** A row has no value for a column that is NOT NULL. */
export class ValueMissing extends Terminal {
  readonly column: string;

  constructor(message: string, column: string) {
    super('LoadFailed', message);
    this.column = column;
  }
}

/** COPY rejected rows or files; Redshift's system tables list them. */
export class LoadFailed extends Error {
  override readonly name = 'LoadFailed';

  /** @param error Redshift's own words */
  constructor(error: string) {
    super(error);
  }
}

/**
 * Runs read-only statements in one transaction and returns the rows of each. It never reuses an earlier result, and it
 * runs them again if the service forgot the rows before they were read.
 * @param statements queries, which may come after settings: statements without a result
 */
export async function query(
  warehouse: Warehouse,
  name: string,
  statements:
    | readonly string[]
    | {
        readonly settings: readonly string[];
        readonly queries: readonly string[];
        readonly shownAs?: string;
      },
  signal: AbortSignal,
  watch?: StatementWatch,
): Promise<(readonly Row[])[]> {
  const { settings, queries, ...shown } =
    'settings' in statements ? statements : { settings: [], queries: statements };
  for (let forgotten = 0; ; ) {
    const transaction = {
      ...{ name, scope: '', statements: [...settings, ...queries], ...shown },
      ...(watch === undefined ? {} : { watch }),
    };
    // No earlier tries: every query is new.
    const id = await runTries(warehouse, transaction, signal, { earlier: [], run: asBatch });
    try {
      const results: (readonly Row[])[] = [];
      for (let n = 1; n <= queries.length; n++) {
        results.push(await warehouse.rows(id, settings.length + n, { signal }));
      }
      return results;
    } catch (error) {
      if (!isForgotten(error) || ++forgotten >= MAX_FORGOTTEN) throw error;
    }
  }
}

function notEnding(
  { name }: Transaction,
  id: string,
  watch: StatementWatch,
  { blockedBy }: TimedOut,
): Terminal {
  return new Terminal(
    'StatementNotEnding',
    `${name} took longer than ${watch.timeLimitSeconds} s and was cancelled, but has not ended yet: it may still be ` +
      `rolled back or committed. ${blockedBy ?? 'No blocker was seen.'} It is statement ${id} of the Data API; a retry ` +
      'finds whatever it has done.',
  );
}

/** Whether the service no longer knows the statement or its result, as after a day. */
const isForgotten = (error: unknown) => error instanceof Terminal && error.code === 'StatementNotFound';

function backoffMs(attempt: number): number {
  return Math.min(30_000, 500 * 2 ** attempt) * (0.5 + Math.random() / 2);
}
