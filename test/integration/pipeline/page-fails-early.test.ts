import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Dependencies } from '../../../src/activities/runtime/dependencies.ts';
import { Transient } from '../../../src/clients/errors.ts';
import { uniqueName } from './harness.ts';
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
          const page = Promise.reject(new Transient('NetworkFailed', 'this page is refused by the test'));
          // Jest hides Node's unhandledRejection, so the promise itself records whether anyone listens to it.
          const listen = page.catch.bind(page);
          page.catch = (...given) => {
            heard = true;
            return listen(...given);
          };
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
