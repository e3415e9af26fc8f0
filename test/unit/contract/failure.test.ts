import { describe, expect, test } from '@jest/globals';
import { ApplicationFailure, CancelledFailure, ChildWorkflowFailure, RetryState } from '@temporalio/common';
import { rootCause } from '../../../src/contract/failure.ts';

const ofAChild = (cause: Error) =>
  new ChildWorkflowFailure(
    'default',
    { workflowId: 'c', runId: 'r' },
    'extractSegment',
    RetryState.RETRY_POLICY_NOT_SET,
    cause,
  );

describe('the reason why a child failed', () => {
  test('is its own failure, with its class', () => {
    const failure = ofAChild(ApplicationFailure.nonRetryable('no table t', 'TableNotFound'));
    expect(rootCause(failure)).toEqual({ type: 'TableNotFound', message: 'no table t' });
  });

  test('is reported for a cancelled child as well', () => {
    expect(rootCause(ofAChild(new CancelledFailure('')))).toMatchObject({ message: 'cancelled' });
  });
});
