import type { DescribeStatementResponse } from '@aws-sdk/client-redshift-data';
import type { StatementState } from './warehouse.ts';
import { withoutSecrets } from './without-secrets.ts';

/** The Data API's answer as a state. `seconds` is the statement's own time, over all of a batch. */
export function stateOf(described: DescribeStatementResponse): StatementState {
  const { Status: status, SubStatements: parts = [], Duration: nanoseconds = -1 } = described;
  if (status === 'FINISHED') {
    return { status, seconds: nanoseconds < 0 ? elapsedSeconds(described) : nanoseconds / 1e9 };
  }
  if (status === 'FAILED' || status === 'ABORTED') {
    const failed = parts.findIndex((part) => part.Status === 'FAILED');
    const text = parts[failed]?.Error || described.Error;
    const error = withoutSecrets(
      text || (status === 'ABORTED' ? 'cancelled' : 'failed without a reason given'),
    );
    const failedStatement =
      failed >= 0 ? failed + 1 : parts.length === 0 && status === 'FAILED' ? 1 : undefined;
    const createdAtMs = Number(described.CreatedAt ?? 0);
    return { status, error, createdAtMs, ...(failedStatement === undefined ? {} : { failedStatement }) };
  }
  const pid = described.RedshiftPid ? { pid: Number(described.RedshiftPid) } : {};
  if (status === 'SUBMITTED' || status === 'PICKED') return { status, ...pid };
  // STARTED, and whatever the service may add: not at its end as far as we can tell.
  return { status: 'STARTED', ...pid };
}

/** Whether the state is one that changes no more. */
export function hasEnded(state: StatementState): boolean {
  return state.status === 'FINISHED' || state.status === 'FAILED' || state.status === 'ABORTED';
}

function elapsedSeconds({ CreatedAt, UpdatedAt }: DescribeStatementResponse): number {
  return CreatedAt === undefined || UpdatedAt === undefined
    ? 0
    : (Number(UpdatedAt) - Number(CreatedAt)) / 1000;
}
