import type { DescribeStatementResponse } from '@aws-sdk/client-redshift-data';
import { describe, expect, test } from '@jest/globals';
import { stateOf } from '../../../../src/clients/redshift/statement-state.ts';

const Id = 'd9b6c0c9-0747-4bf4-b142-e8883122f766';
const CreatedAt = new Date(1_000);
const part = (n: number, Status: 'FINISHED' | 'FAILED' | 'ABORTED', text?: string) => ({
  Id: `${Id}:${n}`,
  Status,
  ...(text === undefined ? {} : { Error: text }),
});

describe('a statement’s state', () => {
  test.each<[string, DescribeStatementResponse, object]>([
    ['under way', { Id, Status: 'PICKED' }, { status: 'PICKED' }],
    [
      'finished, in nanoseconds',
      { Id, Status: 'FINISHED', Duration: 1_500_000_000 },
      { status: 'FINISHED', seconds: 1.5 },
    ],
    [
      'finished, without a duration',
      { Id, Status: 'FINISHED', Duration: -1, CreatedAt, UpdatedAt: new Date(3_000) },
      { status: 'FINISHED', seconds: 2, createdAtMs: 1_000 },
    ],
    [
      'finished, with the time and the number of each of its statements',
      {
        Id,
        Status: 'FINISHED',
        Duration: 3_000_000_000,
        SubStatements: [
          { ...part(1, 'FINISHED'), Duration: 1_000_000_000, RedshiftQueryId: 7 },
          { ...part(2, 'FINISHED'), Duration: -1, RedshiftQueryId: -1 },
        ],
      },
      { status: 'FINISHED', seconds: 3, parts: [{ seconds: 1, queryId: 7 }, {}] },
    ],
    [
      'finished alone, with its number',
      { Id, Status: 'FINISHED', Duration: 1_000_000_000, RedshiftQueryId: 7 },
      { status: 'FINISHED', seconds: 1, parts: [{ seconds: 1, queryId: 7 }] },
    ],
    [
      'failed alone',
      { Id, Status: 'FAILED', CreatedAt, Error: 'ERROR: no' },
      { status: 'FAILED', createdAtMs: 1_000, error: 'ERROR: no', failedStatement: 1 },
    ],
    [
      'a batch failed: which statement, and what it said',
      {
        Id,
        Status: 'FAILED',
        CreatedAt,
        Error: 'Query #2 failed with ERROR: division by zero',
        SubStatements: [
          part(1, 'FINISHED'),
          part(2, 'FAILED', 'ERROR: division by zero'),
          part(3, 'ABORTED'),
        ],
      },
      { status: 'FAILED', createdAtMs: 1_000, error: 'ERROR: division by zero', failedStatement: 2 },
    ],
    [
      'a batch whose COMMIT failed: no statement of it did',
      {
        Id,
        Status: 'FAILED',
        CreatedAt,
        Error: 'ERROR: 1023',
        SubStatements: [part(1, 'FINISHED'), part(2, 'FINISHED')],
      },
      { status: 'FAILED', createdAtMs: 1_000, error: 'ERROR: 1023' },
    ],
    [
      'cancelled',
      { Id, Status: 'ABORTED', CreatedAt },
      { status: 'ABORTED', createdAtMs: 1_000, error: 'cancelled' },
    ],
    ['a state not known yet is not an end', { Id, Status: 'WAITING' as 'STARTED' }, { status: 'STARTED' }],
  ])('%s', (_what, described, state) => {
    expect(stateOf(described)).toEqual(state);
  });

  test('an error’s text shows no secret', () => {
    const text = "ERROR: syntax error at or near PASSWORD 'hunter2'";
    expect(stateOf({ Id, Status: 'FAILED', Error: text })).toHaveProperty(
      'error',
      expect.not.stringContaining('hunter2'),
    );
  });
});
