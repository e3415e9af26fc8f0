export type StatementStatus = 'SUBMITTED' | 'PICKED' | 'STARTED' | 'FINISHED' | 'FAILED' | 'ABORTED';
export const TERMINAL_STATUSES: ReadonlySet<StatementStatus> = new Set(['FINISHED', 'FAILED', 'ABORTED']);

export type ResultFormat = 'JSON' | 'CSV';

/** One SQL statement of a submission: a batch has several, `uuid:1`, `uuid:2`…, an ExecuteStatement exactly one. */
export interface StatementPart {
  number: number;
  sql: string;
  status: StatementStatus;
  error: string | null;
  /** The command as Redshift names it, once it is known. */
  command: string | null;
  hasResultSet: boolean;
  resultRows: number;
  resultBytes: number;
  durationNs: number;
  queryId: number;
  columnMetadata: unknown[] | null;
  /** Epoch seconds. */
  startedAt: number | null;
  updatedAt: number;
}

/** The submission as the client sent it. */
export interface StatementRequest {
  sqls: string[];
  parameters: { name: string; value: string }[];
  database: string;
  workgroupName?: string | undefined;
  clusterIdentifier?: string | undefined;
  dbUser?: string | undefined;
  secretArn?: string | undefined;
  statementName?: string | undefined;
  withEvent: boolean;
  resultFormat: ResultFormat;
  executionMode: 'TRANSACTION' | 'AUTO_COMMIT';
}

/** A statement and its outcome. While it runs, the runner changes it in place. */
export interface Statement {
  id: string;
  request: StatementRequest;
  /** Identifies a request, so that a repeated token can be checked. */
  requestHash: string;
  isBatch: boolean;
  sessionId: string | null;
  status: StatementStatus;
  error: string | null;
  pid: number | null;
  /** Epoch seconds. */
  createdAt: number;
  updatedAt: number;
  durationNs: number;
  parts: StatementPart[];
}

/** A new statement. The store assigns query ids. */
export function newStatement(
  made: Pick<Statement, 'id' | 'request' | 'requestHash' | 'isBatch' | 'sessionId'>,
  now: number,
): Statement {
  const begins = { status: 'SUBMITTED', error: null, durationNs: -1, updatedAt: now } as const;
  return {
    ...made,
    ...begins,
    pid: null,
    createdAt: now,
    parts: made.request.sqls.map((sql, index) => ({
      ...begins,
      number: index + 1,
      sql,
      command: null,
      hasResultSet: false,
      resultRows: -1,
      resultBytes: -1,
      queryId: 0,
      columnMetadata: null,
      startedAt: null,
    })),
  };
}
