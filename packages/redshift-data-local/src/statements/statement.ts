export type StatementStatus = 'SUBMITTED' | 'PICKED' | 'STARTED' | 'FINISHED' | 'FAILED' | 'ABORTED';
export const TERMINAL_STATUSES: ReadonlySet<StatementStatus> = new Set(['FINISHED', 'FAILED', 'ABORTED']);

export type ResultFormat = 'JSON' | 'CSV';

/** One SQL of a statement: a batch has several, `uuid:1`, `uuid:2`…, an ExecuteStatement exactly one. */
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

/** What was asked for, as the client sent it. */
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

/** A statement and what became of it. While it runs the runner changes it in place. */
export interface Statement {
  id: string;
  request: StatementRequest;
  /** Tells whether a request that comes again with the same token is the same. */
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

/** A statement just submitted. Query ids are given by the store. */
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
