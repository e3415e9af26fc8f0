import type { CopyStatement } from './copy-statement.ts';
import type { RelationName } from './translation.ts';

/** A statement understood: what PostgreSQL is to be asked, in order, and how it stands in a transaction. */
export interface TranslatedStatement {
  /** The command as Redshift names it, such as `CREATE TABLE`. */
  command: string;
  /** PostgreSQL statements, run in order inside the transaction. The last one gives the row count. */
  steps: string[];
  /** True when the last step's rows are the statement's result set. */
  hasResultSet: boolean;
  /**
   * `inside`: takes part in the transaction. `commits`: ends and commits it, as TRUNCATE does.
   * `alone`: refused where there is a transaction of more than one statement. `rollsBack`: ends the transaction and
   * undoes it. `begins`: asks for one; where each statement is a transaction of its own it would have no effect.
   */
  transaction: 'inside' | 'commits' | 'alone' | 'rollsBack' | 'begins';
  copy?: CopyStatement;
  /** Users' relations it reads. */
  read: RelationName[];
  functionsUsed: ReadonlySet<string>;
  /** Physical name to the name of up to 127 bytes it stands for. */
  longNames: ReadonlyMap<string, string>;
}

/** What a grammar rule returns; the rest is filled in by `translate`. */
export type StatementBody = Pick<TranslatedStatement, 'command' | 'steps'> &
  Partial<Pick<TranslatedStatement, 'hasResultSet' | 'transaction' | 'copy'>>;
