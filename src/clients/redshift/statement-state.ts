import type { DescribeStatementResponse } from '@aws-sdk/client-redshift-data';
import type { StatementPart, StatementState } from '../warehouse.ts';
import { withoutSecrets } from '../without-secrets.ts';

/** The state of a statement, from the Data API's response. `seconds` is its execution time, for a batch the total. */
export function stateOf(described: DescribeStatementResponse): StatementState {
  const { Status: status, SubStatements: parts = [], Duration: nanoseconds = -1 } = described;
  if (status === 'FINISHED') {
    const seconds = nanoseconds < 0 ? elapsedSeconds(described) : nanoseconds / 1e9;
    const created = described.CreatedAt === undefined ? {} : { createdAtMs: Number(described.CreatedAt) };
    return { status, seconds, ...created, ...partsOf(described) };
  }
  if (status === 'FAILED' || status === 'ABORTED') {
    const failed = parts.findIndex((part) => part.Status === 'FAILED');
    const text = parts[failed]?.Error || described.Error;
    const error = withoutSecrets(
      text || (status === 'ABORTED' ? 'cancelled' : 'failed, and the Data API gives no reason'),
    );
    const failedStatement =
      failed >= 0 ? failed + 1 : parts.length === 0 && status === 'FAILED' ? 1 : undefined;
    const createdAtMs = Number(described.CreatedAt ?? 0);
    return {
      status,
      error,
      createdAtMs,
      ...(failedStatement === undefined ? {} : { failedStatement }),
      ...partsOf(described),
    };
  }
  const pid = described.RedshiftPid ? { pid: Number(described.RedshiftPid) } : {};
  if (status === 'SUBMITTED' || status === 'PICKED') return { status, ...pid };
  // STARTED, or a status that the service may add later: as far as we know, it has not ended.
  return { status: 'STARTED', ...pid };
}

/** Durations and query ids of a batch's statements, or of a single statement; empty if no id is known. */
function partsOf(described: DescribeStatementResponse): { readonly parts?: readonly StatementPart[] } {
  const { SubStatements: many = [] } = described;
  const parts = (many.length > 0 ? many : [described]).map(({ Duration = -1, RedshiftQueryId = -1 }) => ({
    ...(Duration < 0 ? {} : { seconds: Duration / 1e9 }),
    ...(RedshiftQueryId <= 0 ? {} : { queryId: Number(RedshiftQueryId) }),
  }));
  return parts.some(({ queryId }) => queryId !== undefined) ? { parts } : {};
}

function elapsedSeconds({ CreatedAt, UpdatedAt }: DescribeStatementResponse): number {
  return CreatedAt === undefined || UpdatedAt === undefined
    ? 0
    : (Number(UpdatedAt) - Number(CreatedAt)) / 1000;
}
