import type pg from 'pg';

export type SessionStatus = 'AVAILABLE' | 'BUSY' | 'CLOSED';

/** A transaction that BEGIN opened in a session: it spans statements until COMMIT, ROLLBACK or the end of the session. */
export interface OpenTransaction {
  /** What has run in it so far. */
  sqls: string[];
  /** A statement failed: the work is rolled back, and every statement but COMMIT and ROLLBACK fails. */
  isAborted: boolean;
  /** BEGIN READ ONLY: PostgreSQL refuses everything that writes. */
  isReadOnly: boolean;
}

/** A database connection that outlives a statement: it keeps temporary tables, settings and an open transaction. */
export interface Session {
  id: string;
  status: SessionStatus;
  /** Epoch seconds. */
  createdAt: number;
  updatedAt: number;
  keepAliveSeconds: number;
  /** When it closes, unless it is used before then. */
  closesAt: number;
  database: string;
  workgroupName?: string | undefined;
  clusterIdentifier?: string | undefined;
  dbUser?: string | undefined;
  currentStatementId?: string | undefined;
  transaction?: OpenTransaction | undefined;
  client: pg.Client;
}
