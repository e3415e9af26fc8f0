import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { Terminal, Transient } from '../clients/errors.ts';
import { classifySqlError } from '../clients/sql-error.ts';
import type { Row, Warehouse } from '../clients/warehouse.ts';
import { clientToken } from '../pipeline/client-token.ts';
import { type Failed, type StatementWatch, untilEnded } from './until-ended.ts';

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

/** Failures of this attempt; old ones that a client token brings back are not counted. */
const MAX_TRIES = 20;
/** A failure of no known kind (memory, a node that went away) is worth this many tries. */
const MAX_UNKNOWN_FAILURES = 3;
/** Times a statement is cancelled at its time limit before a person is asked. */
const MAX_TIMEOUTS = 3;
/** Times a statement may be forgotten by the service before a person is asked: each costs it a day. */
const MAX_FORGOTTEN = 5;
/** A failure this much older than the attempt came with a repeated client token, whatever the two clocks show. */
const CLOCK_SKEW_MS = 2_000;
/** One less old may be this attempt's own, by the service's clock: a try more tells. */
const MAX_PERHAPS_OLD = 1;
/** More of them than any run leaves: on a host whose clock is fast, every failure looks old. */
const MAX_OLD_FAILURES = 20;

/**
 * Runs statements as one transaction and waits for its end, each try in one of the warehouse's slots.
 *
 * The client token is made from the statements and a counter, so an attempt that takes over finds the statement
 * of the one before it rather than submitting it again. A token gives back a failed statement too, for hours:
 * the counter goes on only once a try was seen to have failed.
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
  const startedMs = Date.now();
  const { name, scope, statements, watch = ofAQuestion } = transaction;
  let unknownFailures = 0;
  let timeouts = 0;
  let tries = 0;
  let oldFailures = 0;
  let perhapsOld = 0;
  let forgotten = 0;
  for (let attempt = 0; ; attempt++) {
    const toItsEnd = async () => {
      signal.throwIfAborted();
      const token = clientToken(scope, name, statements, attempt);
      // From here on the statement may run, so its id is waited for: `untilEnded` cancels by it.
      const id = await warehouse.submit(statements, { name, clientToken: token });
      return { id, ended: await untilEnded(warehouse, id, watch, signal) };
    };
    let tried: Awaited<ReturnType<typeof toItsEnd>>;
    try {
      tried = await (warehouse.slots?.inSlot(toItsEnd, signal) ?? toItsEnd());
    } catch (error) {
      if (!isForgotten(error) || ++forgotten >= MAX_FORGOTTEN) throw error;
      // The same token again: the same statement, should the service have lost sight of it for a moment only.
      await setTimeout(backoffMs(forgotten - 1), undefined, { signal });
      attempt--;
      continue;
    }
    const { id, ended } = tried;
    if (ended.status === 'FINISHED') return id;
    if (ended.status === 'TIMED_OUT') {
      if (++timeouts < MAX_TIMEOUTS) continue;
      throw new Terminal(
        'StatementTimedOut',
        `${name} took longer than ${watch.timeLimitSeconds} s, ${MAX_TIMEOUTS} times, and was cancelled each time. ` +
          `${ended.heldUpBy ?? 'Nobody was seen holding it up.'} End what holds it up` +
          `${watch.setting === undefined ? '' : `, or raise ${watch.setting}`}, then try again; nothing of this ` +
          'transaction was done.',
      );
    }
    const olderByMs = startedMs - ended.createdAtMs;
    if (olderByMs > CLOCK_SKEW_MS && ++oldFailures <= MAX_OLD_FAILURES) continue;
    if (olderByMs > 0 && olderByMs <= CLOCK_SKEW_MS && ++perhapsOld <= MAX_PERHAPS_OLD) continue;
    if (++tries >= MAX_TRIES) throw refused(transaction, ended);
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
    const scope = randomBytes(16).toString('hex');
    const id = await runTransaction(
      warehouse,
      { name, scope, statements, ...(watch === undefined ? {} : { watch }) },
      signal,
    );
    try {
      const results: (readonly Row[])[] = [];
      for (let n = 1; n <= statements.length; n++) results.push(await warehouse.rows(id, n, { signal }));
      return results;
    } catch (error) {
      if (!isForgotten(error) || ++forgotten >= MAX_FORGOTTEN) throw error;
    }
  }
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
