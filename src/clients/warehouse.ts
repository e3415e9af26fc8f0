import type { StatementSlots } from './statement-slots.ts';

/**
 * What Tributary needs of Redshift's Data API: submit a batch as one transaction, wait for it briefly, read results,
 * cancel. Polling, time limits and heartbeats are the caller's job.
 */
export interface Warehouse {
  /**
   * Submits 1 to 40 statements as one transaction.
   * @param options with the client token: for 8 hours, the same token in the same warehouse returns the same statement,
   *   even if that failed
   * @returns the statement's id.
   * @throws Terminal `BatchSize` for another number of statements.
   */
  submit(statements: readonly string[], options: SubmitOptions): Promise<string>;
  /**
   * Submits one statement in a session: a connection that outlives it, so that a transaction can span more statements
   * than a batch has. A session runs one statement at a time. It ends when it was idle for too long, and what it has not
   * committed is then rolled back.
   * @returns the statement's id and its session's.
   * @throws Transient `WarehouseAway` if the session has ended.
   */
  submitInSession(
    statement: string,
    options: SessionOptions,
  ): Promise<{ readonly id: string; readonly session: string }>;
  /** The statement's state. Waits up to `waitSeconds` (0 to 30) for it to end. */
  describe(
    id: string,
    options?: { readonly waitSeconds?: number; readonly signal?: AbortSignal | undefined },
  ): Promise<StatementState>;
  /**
   * All rows of the result of the n-th statement (from 1) of a finished batch.
   * @throws Terminal `NoResult` if the batch is not finished or that statement returns no rows.
   */
  rows(
    id: string,
    n: number,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<readonly Row[]>;
  /** Requests cancellation; the statement may still finish. Returns false if it had already ended. */
  cancel(id: string): Promise<boolean>;
  /** Ids of the statements with exactly this name in this database that have not ended, of the last 100 with the name. */
  running(name: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<readonly string[]>;
  /** Limits how many transactions run at once: callers run each one in a slot. If undefined, there is no limit. */
  readonly slots?: StatementSlots | undefined;
}

/**
 * The same warehouse for short queries that must not wait for a slot: queries about a statement that holds a slot, and
 * queries with a deadline.
 */
export function bypassingSlots(warehouse: Warehouse): Warehouse {
  return { ...warehouse, slots: undefined };
}

/** There is no signal: a caller that stops waiting for the id could not cancel the statement. */
export interface SubmitOptions {
  readonly name: string;
  readonly clientToken: string;
}

interface SessionOptions extends SubmitOptions {
  /** The session of an earlier statement. If undefined, a session is opened. */
  readonly session: string | undefined;
  /** How long a session that this statement opens may be idle. */
  readonly keepAliveSeconds: number;
}

/** Values by column name. A 64-bit integer is a number if that is exact, else text. NULL is null. */
export type Row = Readonly<Record<string, string | number | boolean | null>>;

export type StatementState =
  | {
      readonly status: 'SUBMITTED' | 'PICKED' | 'STARTED';
      /** Redshift's process id of the statement, once it has one. Lock tables refer to it. */
      readonly pid?: number;
    }
  | {
      readonly status: 'FINISHED';
      readonly seconds: number;
      /** When it was submitted, by the service's clock. */
      readonly createdAtMs?: number;
      readonly parts?: readonly StatementPart[];
    }
  | {
      readonly status: 'FAILED' | 'ABORTED';
      readonly error: string;
      /** When it was submitted, by the service's clock. A repeated token may return an old failure. */
      readonly createdAtMs: number;
      /** The number of the failed sub-statement, from 1. */
      readonly failedStatement?: number;
      readonly parts?: readonly StatementPart[];
    };

/** A final state. */
export type EndedState = Extract<StatementState, { status: 'FINISHED' | 'FAILED' | 'ABORTED' }>;

/** Whether the state is final. */
export function hasEnded(state: StatementState): state is EndedState {
  return state.status === 'FINISHED' || state.status === 'FAILED' || state.status === 'ABORTED';
}

/** What is known of one statement of a batch. It is empty for a statement that was never run. */
export interface StatementPart {
  readonly seconds?: number;
  /** Redshift's query id, as in `sys_query_history`. */
  readonly queryId?: number;
}

/** The warehouse, as the pipeline's definition names it. */
export interface WarehouseTarget {
  readonly workgroup?: string | undefined;
  readonly cluster?: string | undefined;
  readonly dbUser?: string | undefined;
  readonly secretArn?: string | undefined;
  readonly database: string;
}
