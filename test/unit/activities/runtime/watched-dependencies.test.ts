import { expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { ActivityRecord } from '../../../../src/activities/runtime/activity-record.ts';
import type { Dependencies } from '../../../../src/activities/runtime/dependencies.ts';
import { ReadRates } from '../../../../src/activities/runtime/read-rates.ts';
import { UnforeseenErrors } from '../../../../src/activities/runtime/unforeseen-errors.ts';
import { watchedDependencies } from '../../../../src/activities/runtime/watched-dependencies.ts';
import type { ObjectStore } from '../../../../src/clients/object-store.ts';

/** A bucket whose every call waits until it is answered. */
function silentBucket() {
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<undefined>();
  const call = () => {
    asked.resolve();
    return answer.promise;
  };
  const store = { bucket: 'b', get: call, put: call } as unknown as ObjectStore;
  const none = () => {
    throw new Error('not used');
  };
  const deps: Dependencies = {
    source: { describe: none, scanPage: none },
    tableExports: { request: none, describe: none, restorable: none },
    changeStreams: { streamOf: none, shards: none, read: none },
    store: () => store,
    bucketMaintenance: none,
    warehouse: none,
    queue: none,
    pipelineOf: none,
    definitionOf: none,
    loaders: none,
    datasets: none,
    derivedDatasets: none,
    fetchedDatasets: none,
    environmentVariable: none,
    checksFile: none,
    publications: none,
    stepText: none,
    recordModules: { bundleOf: none, codeOf: none, columnsOf: none },
    catalogue: none,
    tableEngine: {
      writeRows: none,
      mergePartition: none,
      contentOf: none,
      query: none,
      parseTree: none,
      derive: none,
      writeText: none,
      check: none,
      partitionsRead: none,
    },
    nowMs: none,
    unforeseen: new UnforeseenErrors(),
    readRates: new ReadRates(),
    alerts: {
      definition: none,
      lineage: none,
      region: undefined,
      secret: none,
      http: { post: none },
      mailer: { send: none },
      topic: none,
    },
  };
  return { deps, asked: asked.promise, answer: () => answer.resolve(undefined) };
}

test('while S3 does not answer, the activity that called it says which object it waits for', async () => {
  const { deps, asked, answer } = silentBucket();
  await new MockActivityEnvironment().run(async () => {
    const { waits } = ActivityRecord.current();
    const reading = watchedDependencies(deps).store('b').get('run/plan.json');
    await asked;
    const late = Date.now() + 40_000;
    expect(waits.current(late)?.why).toBe('S3 has not answered for 40 s (read s3://b/run/plan.json)');
    answer();
    await reading;
    expect(waits.current(late)).toBeUndefined();
  });
});
