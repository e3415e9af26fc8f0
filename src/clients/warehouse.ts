import type { StatementSlots } from './statement-slots.ts';

/**
 * What Tributary needs of Redshift's Data API: submit a batch as one transaction, wait for it a while, read
 * results, cancel. Polling, time limits and heartbeats belong to the caller.
 */
export interface Warehouse {
  /**
   * Submits 1 to 40 statements as one transaction.
   * @param clientToken the same token to the same warehouse within 8 hours returns the same statement, also one that
   *   failed.
   * @returns the statement's id.
   */
  submit(statements: readonly string[], options: SubmitOptions): Promise<string>;
  /** The statement's state, waiting up to `waitSeconds` (0 to 30) for it to end. */
  describe(
    id: string,
    options?: { readonly waitSeconds?: number; readonly signal?: AbortSignal | undefined },
  ): Promise<StatementState>;
  /**
   * All rows of the result of the n-th statement (from 1) of a finished batch.
   * @throws Terminal NoResult where it is not finished, or that statement gives no rows.
   */
  rows(
    id: string,
    n: number,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<readonly Row[]>;
  /** Asks for cancellation; the statement may still finish. False when it had ended already. */
  cancel(id: string): Promise<boolean>;
  /** What bounds the transactions under way; whoever runs one takes a slot. No bound where there are none. */
  readonly slots?: StatementSlots | undefined;
}

/**
 * The same warehouse for short questions that must not wait for a slot: those about a statement that holds one, and
 * those whose answer is waited for only so long.
 */
export function bypassingSlots(warehouse: Warehouse): Warehouse {
  return { ...warehouse, slots: undefined };
}

/** No signal among them: who gives up waiting for the id cannot cancel what runs under it. */
export interface SubmitOptions {
  readonly name: string;
  readonly clientToken: string;
}

/** Column name → value. 64-bit integers are bigint-safe: numbers where exact, else text. NULL is null. */
export type Row = Readonly<Record<string, string | number | boolean | null>>;

export type StatementState =
  | {
      readonly status: 'SUBMITTED' | 'PICKED' | 'STARTED';
      /** Redshift's process id of it, once it has one: what lock tables know it by. */
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
      /** When it was submitted, by the service's clock: a repeated token may bring back an old failure. */
      readonly createdAtMs: number;
      /** The failing sub-statement, from 1. */
      readonly failedStatement?: number;
      readonly parts?: readonly StatementPart[];
    };

/** A state that changes no more. */
export type EndedState = Extract<StatementState, { status: 'FINISHED' | 'FAILED' | 'ABORTED' }>;

/** Whether the state is one that changes no more. */
export function hasEnded(state: StatementState): state is EndedState {
  return state.status === 'FINISHED' || state.status === 'FAILED' || state.status === 'ABORTED';
}

/** What is known of one statement of a batch, in its order; of those that were never run nothing is. */
export interface StatementPart {
  readonly seconds?: number;
  /** Redshift's number of the query, as in `sys_query_history`. */
  readonly queryId?: number;
}

/** Which warehouse, as the definition names it. */
export interface WarehouseTarget {
  readonly workgroup?: string | undefined;
  readonly cluster?: string | undefined;
  readonly dbUser?: string | undefined;
  readonly secretArn?: string | undefined;
  readonly database: string;
}
