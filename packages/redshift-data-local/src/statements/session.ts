import type pg from 'pg';

export type SessionStatus = 'AVAILABLE' | 'BUSY' | 'CLOSED';

/** A database connection that outlives a statement: it keeps temporary tables and settings. */
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
  client: pg.Client;
}
