import { describe, expect, test } from '@jest/globals';
import { hashedOtherwise } from '../../../src/activities/live/hashed-otherwise.ts';
import type { ObjectStore } from '../../../src/clients/object-store.ts';
import { PipelineDefinition } from '../../../src/pipeline/definition/pipeline-definition.ts';
import type { LiveState } from '../../../src/pipeline/replace/live-state.ts';
import type { Plan } from '../../../src/pipeline/run/plan.ts';
import { planKey } from '../../../src/pipeline/run/run-directory.ts';

const of = { pipeline: 'nobel', bucket: 'runs', prefix: 'tributary' };

const definition = PipelineDefinition.parse({
  source: { kind: 'dynamodb', table: 'nobel' },
  staging: { bucket: 'runs' },
  warehouse: { kind: 'redshift', workgroup: 'local', database: 'dev', schema: 'nobel', iamRole: 'default' },
});

const plan = (run: string, more: Partial<Plan>): Plan => ({
  ...{ version: 1, pipeline: 'nobel', run, plannedAt: '2026-11-21T06:00:00.000Z', definition },
  owner: { workflowId: 'w', firstExecutionRunId: 'f' },
  source: { tableName: 'nobel', key: [{ name: 'id', kind: 'S' }], approximateItems: 0, approximateBytes: 0 },
  ...{ segments: 1, layouts: [] },
  ...more,
});

/** A bucket that holds these plans. */
function bucketOf(...plans: Plan[]): ObjectStore {
  const bodies = new Map(plans.map((each) => [planKey({ ...of, run: each.run }), JSON.stringify(each)]));
  const get = (key: string) => {
    const body = bodies.get(key);
    return Promise.resolve(body === undefined ? undefined : { body: Buffer.from(body), etag: '"e"' });
  };
  return { get } as unknown as ObjectStore;
}

const live = (run: string) => ({ marker: { run } }) as LiveState;

describe('the live run is named if it hashed with another key', () => {
  const { mapping } = definition;
  test.each<[string, Plan[], string | undefined, string | undefined]>([
    ['another key', [plan('a', { hashKeyId: 'k1' })], 'k2', 'a'],
    ['the same key', [plan('a', { hashKeyId: 'k1' })], 'k1', undefined],
    ['nothing was hashed', [plan('a', {})], 'k1', undefined],
    ['nothing is hashed now', [plan('a', { hashKeyId: 'k1' })], undefined, undefined],
    ['its directory was pruned', [], 'k1', undefined],
    [
      'a replay, which has the key of the run that it replays',
      [plan('a', { refersTo: { run: 'b', mapping } }), plan('b', { hashKeyId: 'k1' })],
      'k2',
      'a',
    ],
  ])('%s', async (_, plans, keyId, found) => {
    const { signal } = new AbortController();
    expect(await hashedOtherwise(bucketOf(...plans), of, live('a'), keyId, signal)).toBe(found);
  });

  test('nothing is live', async () => {
    const { signal } = new AbortController();
    expect(await hashedOtherwise(bucketOf(), of, undefined, 'k1', signal)).toBeUndefined();
  });
});
