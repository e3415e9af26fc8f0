import type { CopyStatement } from './copy/copy-statement.ts';
import type { RelationName } from './translation.ts';
import type { UnloadStatement } from './unload/unload-statement.ts';

/** A bound view that a statement creates: its name in PostgreSQL, and its query as it was sent. */
export interface CreatedView {
  view: string;
  query: string;
}

/** A translated statement: what PostgreSQL runs, in order, and its effect on the transaction. */
export interface TranslatedStatement {
  /** The command as Redshift names it, such as `CREATE TABLE`. */
  command: string;
  /** PostgreSQL statements, run in order inside the transaction. The last one gives the row count. */
  steps: string[];
  /** True if the last step's rows are the statement's result set. */
  hasResultSet: boolean;
  /**
   * `inside`: takes part in the transaction. `commits`: ends and commits it, as TRUNCATE does.
   * `alone`: refused in a transaction of more than one statement. `rollsBack`: ends the transaction and
   * undoes it. `begins`: requests one; it has no effect where each statement is its own transaction.
   */
  transaction: 'inside' | 'commits' | 'alone' | 'rollsBack' | 'begins';
  /** It begins a transaction that may only read. */
  isReadOnly?: boolean;
  copy?: CopyStatement;
  unload?: UnloadStatement;
  createdView?: CreatedView;
  /** Users' relations that it reads. */
  read: RelationName[];
  functionsUsed: ReadonlySet<string>;
  /** System tables and views that it reads. */
  systemRelations: ReadonlySet<string>;
  /** Physical names, with the names of up to 127 bytes that they stand for. */
  longNames: ReadonlyMap<string, string>;
}

/** What a grammar rule returns; the rest is filled in by `translate`. */
export type StatementBody = Pick<TranslatedStatement, 'command' | 'steps'> &
  Partial<
    Pick<
      TranslatedStatement,
      'hasResultSet' | 'transaction' | 'isReadOnly' | 'copy' | 'createdView' | 'unload'
    >
  >;
