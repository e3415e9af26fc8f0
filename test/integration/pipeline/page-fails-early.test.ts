import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Dependencies } from '../../../src/activities/runtime/dependencies.ts';
import { Transient } from '../../../src/clients/errors.ts';
import type { ScanPage } from '../../../src/clients/table-source.ts';
import { uniqueName } from './harness.ts';
import { untilProgressNames, untilStatusNames } from './until-delayed.ts';
import { withHarness } from './with-harness.ts';

describe('a page that fails while the one before it is being uploaded', () => {
  const harness = withHarness();
  const table = uniqueName('items');

  beforeAll(async () => {
    await harness.createTable(
      table,
      Array.from({ length: 40 }, (_, i) => ({ pk: { S: `p${i}` }, sk: { S: 's' } })),
    );
  });

  test('fails the attempt when its turn comes, and not the process', async () => {
    const real = harness.dependencies;
    const failed = Promise.withResolvers<void>();
    let refused = false;
    let heard = false;
    let heardInTime = false;
    const dependencies: Dependencies = {
      ...real,
      source: {
        describe: (...given) => real.source.describe(...given),
        scanPage(request) {
          if (request.from === undefined || refused) return real.source.scanPage({ limit: 10, ...request });
          refused = true;
          // Jest hides Node's unhandledRejection, so the promise, and each one derived from it, records whether anyone
          // listens for its failure.
          class Listened<T> extends Promise<T> {
            override catch<R = never>(onFailure?: ((reason: unknown) => R | PromiseLike<R>) | null) {
              heard = true;
              return super.catch(onFailure);
            }
          }
          const page = Listened.reject<ScanPage>(
            new Transient('NetworkFailed', 'this page is refused by the test'),
          );
          // Fails at once. The upload of the page before it continues only when a listener would have noticed.
          setImmediate(() => {
            heardInTime = heard;
            failed.resolve();
          });
          return page;
        },
      },
      store: (bucket) => ({
        ...real.store(bucket),
        put: async (...given) => {
          await failed.promise;
          return await real.store(bucket).put(...given);
        },
      }),
    };
    await harness.startWorkers(dependencies);
    const { pipeline, definition } = harness.define(table, {
      source: { segments: 1 },
      staging: { cutBytes: 1 },
    });
    const handle = await harness.start({ pipeline, definition, to: 'extract' });
    await expect(handle.result()).resolves.toMatchObject({ items: 40 });
    expect(heardInTime).toBe(true);
  });
});

describe('a service that does not answer', () => {
  const harness = withHarness();
  const table = uniqueName('items');

  test('is named by the run and its status, with the object and the time, until it answers', async () => {
    await harness.createTable(table, [{ pk: { S: 'a' }, sk: { S: 's' } }]);
    const real = harness.dependencies;
    const answers = Promise.withResolvers<void>();
    await harness.startWorkers({
      ...real,
      store: (bucket) => ({
        ...real.store(bucket),
        async put(key, ...given) {
          if (key.includes('/data/')) await answers.promise;
          return await real.store(bucket).put(key, ...given);
        },
      }),
    });
    const { pipeline } = harness.define(table, { source: { segments: 1 } });
    const handle = await harness.start({ pipeline, run: 'silent', to: 'extract' });
    const delay = { step: 'segment 0', why: /^S3 has not answered for \d+ s \(write s3:.*\/data\// };
    await untilStatusNames(harness.client, handle.workflowId, delay);
    await untilProgressNames(handle, delay);
    answers.resolve();
    expect(await handle.result()).toMatchObject({ status: 'extract', items: 1 });
  });
});
