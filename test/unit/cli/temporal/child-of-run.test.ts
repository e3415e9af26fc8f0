import { describe, expect, it } from '@jest/globals';
import { childOfRun } from '../../../../src/cli/temporal/child-of-run.ts';
import { loadWorkflowId, segmentWorkflowId } from '../../../../src/contract/refresh.ts';

describe("a child's workflow id", () => {
  const parent = 'refresh-p-a';

  it('shows which run it belongs to, and how a retry names it', () => {
    expect(childOfRun(segmentWorkflowId(parent, 17))).toEqual({
      parent,
      what: 'segment 17',
      option: '--segment 17',
    });
    expect(childOfRun(loadWorkflowId(parent, 'orders__größe'))).toEqual({
      parent,
      what: 'table orders__größe',
      option: '--table orders__größe',
    });
  });

  it.each([parent, `${loadWorkflowId(parent, 'orders')}-segments-00001`, 'a/b'])(
    'is not %s, which no run awaits',
    (id) => expect(childOfRun(id)).toBeUndefined(),
  );
});
