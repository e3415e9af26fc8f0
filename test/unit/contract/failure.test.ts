import { describe, expect, test } from '@jest/globals';
import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  ChildWorkflowFailure,
  RetryState,
} from '@temporalio/common';
import { explained, occurrenceOf, rootCause } from '../../../src/contract/failure.ts';

const ofAnActivity = (cause: Error) =>
  new ActivityFailure('Activity task failed', 'planRun', '1', RetryState.NON_RETRYABLE_FAILURE, 'w', cause);
const ofAChild = (cause: Error) =>
  new ChildWorkflowFailure(
    'default',
    { workflowId: 'c', runId: 'r' },
    'extractSegment',
    RetryState.RETRY_POLICY_NOT_SET,
    cause,
  );
const noTable = () => ofAnActivity(ApplicationFailure.nonRetryable('no table t', 'TableNotFound'));
const step = { fix: "Check the table's name", commands: ['tributary run nobel'], resumes: false };

describe('the reason why a child failed', () => {
  test('is its own failure, with its class', () => {
    expect(rootCause(ofAChild(noTable()))).toEqual({ type: 'TableNotFound', message: 'no table t' });
  });

  test('is the cause alone, if its failure also says what to do', () => {
    const failure = ofAChild(explained(noTable(), 'Failed: segment 3', step));
    expect(rootCause(failure)).toEqual({ type: 'TableNotFound', message: 'no table t' });
  });

  test('is reported for a cancelled child as well', () => {
    expect(rootCause(ofAChild(new CancelledFailure('')))).toMatchObject({ message: 'cancelled' });
  });
});

describe('what identifies a failure', () => {
  test('is the execution of the child that failed', () => {
    expect(occurrenceOf(ofAChild(noTable()))).toBe('r');
  });

  test('is the attempt of the activity that failed', () => {
    const details = [{ occurrence: 'run/5/1' }];
    const failure = ApplicationFailure.create({ message: 'no', type: 'TableNotFound', details });
    expect(occurrenceOf(ofAnActivity(failure))).toBe('run/5/1');
  });

  test('is not known for a failure of the workflow itself', () => {
    expect(occurrenceOf(ApplicationFailure.nonRetryable('no', 'RunNotSealed'))).toBeUndefined();
    expect(occurrenceOf(noTable())).toBeUndefined();
  });
});

describe("a workflow's failure", () => {
  test('says what failed, why, and what to do, in its outermost message', () => {
    expect(explained(noTable(), 'Failed in plan', step)).toMatchObject({
      type: 'TableNotFound',
      message: "Failed in plan: no table t. Check the table's name, then run: `tributary run nobel`",
      details: [{ cause: 'no table t', commands: ['tributary run nobel'] }],
    });
  });

  test('says no more than the cause if nothing can be done', () => {
    expect(explained(noTable(), 'Failed', undefined).message).toBe('Failed: no table t.');
  });
});
