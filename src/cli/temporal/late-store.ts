import type { ObjectStore } from '../../clients/object-store.ts';

/**
 * A bucket at the address of the environment. AWS's SDK is loaded by the first request: most commands ask Temporal, and
 * need S3 only if a run has ended, or not at all.
 */
export function lateStore(bucket: string): ObjectStore {
  let opened: Promise<ObjectStore> | undefined;
  const store = () => {
    opened ??= open(bucket);
    return opened;
  };
  return {
    bucket,
    get: async (...given) => (await store()).get(...given),
    put: async (...given) => (await store()).put(...given),
    putNew: async (...given) => (await store()).putNew(...given),
    putIfMatch: async (...given) => (await store()).putIfMatch(...given),
    head: async (...given) => (await store()).head(...given),
    getRange: async (...given) => (await store()).getRange(...given),
    copy: async (...given) => (await store()).copy(...given),
    delete: async (...given) => (await store()).delete(...given),
    async *list(...given) {
      yield* (await store()).list(...given);
    },
  };
}

async function open(bucket: string): Promise<ObjectStore> {
  const [{ addressesFromEnvironment }, { createS3ObjectStore, s3Client }] = await Promise.all([
    import('../../clients/aws/addresses.ts'),
    import('../../clients/s3/s3-object-store.ts'),
  ]);
  return createS3ObjectStore({ client: s3Client(addressesFromEnvironment(process.env).s3), bucket });
}
