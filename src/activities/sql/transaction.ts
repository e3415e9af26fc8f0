import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { Terminal, Transient } from '../../clients/errors.ts';
import type { Row, Warehouse } from '../../clients/warehouse.ts';
import { clientToken } from '../../pipeline/sql/client-token.ts';
import { classifySqlError } from '../../pipeline/sql/sql-error.ts';
import { type Failed, type StatementWatch, type TimedOut, untilEnded } from './until-ended.ts';

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
  /** How long it may take, and who is asked about what holds it up; without it a question's time, and nobody. */
  readonly watch?: StatementWatch;
}

/** For what takes seconds: questions about the catalogue, a check. */
const ofAQuestion: StatementWatch = { timeLimitSeconds: 15 * 60, whoBlocks: async () => undefined };

/** Failures of this attempt; those that may be old ones, brought back by a client token, are not counted. */
const MAX_TRIES = 20;
/** A failure of no known kind (memory, a node that went away) is worth this many tries by an attempt, soon after another, */
const MAX_UNKNOWN_FAILURES = 3;
/** and this many attempts, about a quarter of an hour as Temporal spaces them: a cluster restarts, S3 recovers. */
const UNKNOWN_FAILURE_ATTEMPTS = 20;
/** Times a statement is cancelled at its time limit before a person is asked. */
const MAX_TIMEOUTS = 3;
/** Times a statement may be forgotten by the service before a person is asked: each costs it a day. */
const MAX_FORGOTTEN = 5;

/**
 * Runs statements as one transaction and waits for its end, each try in one of the warehouse's slots.
 *
 * The client token of the first try is made from the statements alone, so whoever takes over finds the statement under
 * way rather than submitting it again. A token gives back a failed statement too, for hours: a failure that was there
 * at the first look may be an old one, whatever clocks say. Then it is tried under this attempt's own token, which the
 * next one looks for as well, and after that under tokens that nobody ever used, whose failures are new.
 *
 * The service forgets: a token after 8 hours, a statement and its results after 24. Then the same statements are run
 * again, whatever became of them before, so they must be such as may be: guarded, `IF NOT EXISTS`, or read-only.
 *
 * @returns the statement's id, for its results.
 * @throws GuardFailed where a guard stopped it, Terminal where a person has to act.
 */
export async function runTransaction(
  warehouse: Warehouse,
  transaction: Transaction,
  signal: AbortSignal,
): Promise<string> {
  return runTries(warehouse, transaction, signal, triesBefore());
}

/**
 * Tries that may have been made before: of whoever runs these statements, of the attempt before, which may have died
 * during it, and of this attempt, which may have run the same statements before.
 */
function triesBefore(): string[] {
  const { workflowExecution, activityId, attempt } = Context.current().info;
  const ofAttempt = (nth: number) => [workflowExecution?.runId, activityId, nth].join('/');
  return ['', ...(attempt > 1 ? [ofAttempt(attempt - 1)] : []), ofAttempt(attempt)];
}

/** @param before whose tries may have been made before; an id at random stands for any further one. */
async function runTries(
  warehouse: Warehouse,
  transaction: Transaction,
  signal: AbortSignal,
  before: readonly string[],
): Promise<string> {
  const { name, scope, statements, watch = ofAQuestion } = transaction;
  const takes = transaction.watch === undefined ? 'short' : 'long';
  const inASlot = async (token: string) => {
    signal.throwIfAborted();
    // From here on the statement may run, so its id is waited for: `untilEnded` cancels by it.
    const id = await warehouse.submit(statements, { name, clientToken: token });
    return { id, ended: await untilEnded(warehouse, id, watch, signal) };
  };
  const tryUnder = async (token: string) => {
    for (let forgotten = 0; ; ) {
      try {
        return await (warehouse.slots?.inSlot(() => inASlot(token), takes, signal) ?? inASlot(token));
      } catch (error) {
        if (!isForgotten(error) || ++forgotten >= MAX_FORGOTTEN) throw error;
        // The same token again: the same statement, should the service have lost sight of it for a moment only.
        await setTimeout(backoffMs(forgotten - 1), undefined, { signal });
      }
    }
  };
  let unknownFailures = 0;
  let timeouts = 0;
  let failures = 0;
  for (let n = 0; ; n++) {
    const token = clientToken(scope, name, statements, before[n] ?? randomId());
    const { id, ended } = await tryUnder(token);
    if (ended.status === 'FINISHED') return id;
    if (ended.status === 'TIMED_OUT') {
      if (!ended.hasEnded) throw notEnding(transaction, id, watch, ended);
      if (++timeouts < MAX_TIMEOUTS) continue;
      throw new Terminal(
        'StatementTimedOut',
        `${name} took longer than ${watch.timeLimitSeconds} s, ${MAX_TIMEOUTS} times, and was cancelled each time. ` +
          `${ended.heldUpBy ?? 'Nobody was seen holding it up.'} End what holds it up` +
          `${watch.setting === undefined ? '' : `, or raise ${watch.setting}`}, then try again; nothing of this ` +
          'transaction was done.',
      );
    }
    const mayBeOld = n < before.length && !ended.seenUnderWay;
    if (mayBeOld) continue;
    if (++failures >= MAX_TRIES) throw refused(transaction, ended);
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
        await setTimeout(backoffMs(failures - 1), undefined, { signal });
        continue;
      case 'other':
        if (++unknownFailures < MAX_UNKNOWN_FAILURES) {
          await setTimeout(backoffMs(failures - 1), undefined, { signal });
          continue;
        }
        throw Context.current().info.attempt < UNKNOWN_FAILURE_ATTEMPTS
          ? new Transient(
              'StatementFailed',
              `${name} failed: ${ended.error}. This is tried again for a while.`,
            )
          : refused(transaction, ended);
      case 'loadError':
        throw new LoadFailed(transaction.name, ended.error);
      case 'permission':
      case 'notFound':
      case 'exists':
      case 'refused':
        throw refused(transaction, ended);
    }
  }
}

/** COPY refused rows or files; Redshift's tables say which. */
export class LoadFailed extends Error {
  override readonly name = 'LoadFailed';

  constructor(transaction: string, error: string) {
    super(`${transaction} failed: ${error}`);
  }
}

/**
 * Runs read-only statements in one transaction and gives each one's rows. Always asked anew, also where the service
 * has forgotten the rows before they were read.
 */
export async function query(
  warehouse: Warehouse,
  name: string,
  statements: readonly string[],
  signal: AbortSignal,
  watch?: StatementWatch,
): Promise<(readonly Row[])[]> {
  for (let forgotten = 0; ; ) {
    const transaction = { name, scope: '', statements, ...(watch === undefined ? {} : { watch }) };
    // As if nobody had ever asked it before.
    const id = await runTries(warehouse, transaction, signal, []);
    try {
      const results: (readonly Row[])[] = [];
      for (let n = 1; n <= statements.length; n++) results.push(await warehouse.rows(id, n, { signal }));
      return results;
    } catch (error) {
      if (!isForgotten(error) || ++forgotten >= MAX_FORGOTTEN) throw error;
    }
  }
}

const randomId = () => randomBytes(16).toString('hex');

function notEnding(
  { name }: Transaction,
  id: string,
  watch: StatementWatch,
  { heldUpBy }: TimedOut,
): Terminal {
  return new Terminal(
    'StatementNotEnding',
    `${name} took longer than ${watch.timeLimitSeconds} s and was cancelled, but has not ended yet: it may still be ` +
      `undone, or committed. ${heldUpBy ?? 'Nobody was seen holding it up.'} Have statement ${id} of the Data API ` +
      'end, or end its session (pg_terminate_backend), then try again: what it has done by then is found.',
  );
}

/** The service knows the statement or its result no more, as after a day. */
const isForgotten = (error: unknown) => error instanceof Terminal && error.code === 'StatementNotFound';

function refused(transaction: Transaction, { error, failedStatement }: Failed): Terminal {
  const kind = classifySqlError(error);
  const statement = failedStatement === undefined ? undefined : transaction.statements[failedStatement - 1];
  const shown = statement === undefined ? '' : ` Statement ${failedStatement}: ${statement.slice(0, 300)}`;
  const advice =
    kind === 'permission'
      ? ' Grant what is missing (README, "Running on AWS"), then try again.'
      : ' Mend the cause, then try again; nothing of this transaction was done.';
  return new Terminal('StatementFailed', `${transaction.name} failed: ${error}.${advice}${shown}`);
}

function backoffMs(attempt: number): number {
  return Math.min(30_000, 500 * 2 ** attempt) * (0.5 + Math.random() / 2);
}
