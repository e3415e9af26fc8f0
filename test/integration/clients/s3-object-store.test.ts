import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Fault } from '../../../local/fault-proxy/fault.ts';
import { type ScriptedProxy, startScriptedProxy } from '../../../local/fault-proxy/scripted-proxy.ts';
import { accessDenied, throttled } from '../../../local/fault-proxy/services.ts';
import { clientSettings } from '../../../src/clients/aws/aws-client.ts';
import { createS3ObjectStore, s3Client } from '../../../src/clients/s3/s3-object-store.ts';
import { testStack } from '../setup/stack.ts';
import { objectStoreSuite } from './object-store-suite.ts';
import { useStackCredentials } from './use-stack-credentials.ts';

const { endpoint, bucket } = testStack().s3;
useStackCredentials();

objectStoreSuite('S3', () => createS3ObjectStore({ client: s3Client({ endpoint }), bucket }));

const first = (listing: AsyncIterable<unknown>) => listing[Symbol.asyncIterator]().next();

describe('a bucket that cannot be used is reported before work is done', () => {
  test('a missing bucket is reported by name', async () => {
    const store = createS3ObjectStore({ client: s3Client({ endpoint }), bucket: 'no-such-bucket' });
    const missing = { name: 'Terminal', code: 'BucketNotFound' };
    await expect(store.check()).rejects.toMatchObject({
      ...missing,
      message: expect.stringMatching(/s3:\/\/no-such-bucket.*Create it/),
    });
    await expect(store.put('key', 'x')).rejects.toMatchObject(missing);
    await expect(store.get('key')).rejects.toMatchObject({
      ...missing,
      message: expect.stringContaining('s3://no-such-bucket/key'),
    });
    await expect(first(store.list(''))).rejects.toMatchObject(missing);
    await expect(store.delete(['key'])).rejects.toMatchObject(missing);
  });

  test('an existing bucket passes', async () => {
    await expect(
      createS3ObjectStore({ client: s3Client({ endpoint }), bucket }).check(),
    ).resolves.toBeUndefined();
  });
});

describe('credentials that do not work', () => {
  const saved = { ...process.env };
  afterAll(() => {
    process.env = saved;
  });

  const check = (env: Record<string, string>) => {
    process.env = { ...env };
    return createS3ObjectStore({ client: s3Client({ endpoint }), bucket }).check();
  };

  test('a wrong secret needs an operator, and is shown nowhere', async () => {
    const env = { AWS_ACCESS_KEY_ID: testStack().s3.accessKeyId, AWS_SECRET_ACCESS_KEY: 'hunter2hunter2' };
    await expect(check(env)).rejects.toMatchObject({
      name: 'Terminal',
      code: 'CredentialsInvalid',
      message: expect.not.stringContaining('hunter2'),
    });
  });

  test('an unknown key needs an operator', async () => {
    const env = { AWS_ACCESS_KEY_ID: 'unknown', AWS_SECRET_ACCESS_KEY: 'hunter2hunter2' };
    await expect(check(env)).rejects.toMatchObject({ name: 'Terminal', code: 'CredentialsInvalid' });
  });

  test('missing credentials are reported with where to put them', async () => {
    const env = {
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_SHARED_CREDENTIALS_FILE: '/nonexistent',
      AWS_CONFIG_FILE: '/nonexistent',
    };
    await expect(check(env)).rejects.toMatchObject({
      name: 'Transient',
      code: 'CredentialsMissing',
      message: expect.stringContaining('AWS_ACCESS_KEY_ID'),
    });
  });
});

describe('transient faults of S3', () => {
  let proxy: ScriptedProxy;
  const store = () => createS3ObjectStore({ client: s3Client({ endpoint: proxy.endpoint }), bucket });
  /** A store whose client does not retry, to see the final error. */
  const impatient = () => {
    const settings = { ...clientSettings({ endpoint: proxy.endpoint }), maxAttempts: 1 };
    return createS3ObjectStore({ client: new S3Client({ ...settings, forcePathStyle: true }), bucket });
  };
  const refused = (status: number, body: string): Fault => ({
    kind: 'refused',
    refusal: { status, headers: { 'content-type': 'application/xml' }, body },
  });
  const slowDown: Fault = { kind: 'refused', refusal: throttled('s3', 'GetObject') };

  beforeAll(async () => {
    proxy = await startScriptedProxy(endpoint);
  });
  afterAll(async () => {
    await proxy.close();
  });

  test('a reset connection and a server error are retried', async () => {
    proxy.next([{ kind: 'reset' }, refused(500, '')]);
    await expect(store().put('bad-moment/1', 'x')).resolves.toMatch(/^"/);
    expect(proxy.calls).toHaveLength(3);
  });

  test('permanent throttling is a transient error', async () => {
    proxy.next([], slowDown);
    await expect(impatient().get('bad-moment/2')).rejects.toMatchObject({
      name: 'Transient',
      code: 'Throttled',
    });
  });

  test('a body that breaks off is a transient error', async () => {
    proxy.next([]);
    await store().put('bad-moment/3', 'x'.repeat(100_000));
    proxy.next([], { kind: 'cut', afterBytes: 50_000 });
    await expect(impatient().get('bad-moment/3')).rejects.toMatchObject({
      name: 'Transient',
      code: 'NetworkFailed',
      message: expect.stringContaining('bad-moment/3'),
    });
  });

  test('a body that breaks off or changes in transit is read again', async () => {
    proxy.next([]);
    await store().put('bad-moment/7', 'x'.repeat(1_000));
    const changed: Fault = { kind: 'damaged', damage: () => Buffer.alloc(1_000, 'y') };
    proxy.next([{ kind: 'cut', afterBytes: 500 }, changed]);
    const found = await impatient().get('bad-moment/7');
    expect(String(Buffer.from(found!.body))).toBe('x'.repeat(1_000));
    expect(proxy.calls).toHaveLength(3);
  });

  test('a body that changed in transit is never accepted', async () => {
    proxy.next([]);
    await store().put('bad-moment/4', 'x'.repeat(1_000));
    proxy.next([], { kind: 'damaged', damage: (body) => Buffer.from(body.toString().replace('x', 'y')) });
    await expect(impatient().get('bad-moment/4')).rejects.toMatchObject({
      name: 'Transient',
      code: 'DamagedObject',
    });
  });

  test('a put that meets another write to the same key is repeated, and then a transient error', async () => {
    const conflict = refused(409, '<Error><Code>ConditionalRequestConflict</Code></Error>');
    proxy.next([conflict, conflict]);
    await expect(impatient().putNew(`bad-moment/5-${Date.now()}`, 'x')).resolves.toMatch(/^"/);
    proxy.next([], conflict);
    await expect(impatient().putNew('bad-moment/5', 'x')).rejects.toMatchObject({
      name: 'Transient',
      code: 'WriteConflict',
    });
  });

  test('a put whose directory a file-based store removes at that moment is repeated', async () => {
    const removed = refused(409, '<Error><Code>ExistingObjectIsDirectory</Code></Error>');
    proxy.next([removed, removed]);
    await expect(impatient().put(`bad-moment/8-${Date.now()}`, 'x')).resolves.toMatch(/^"/);
    expect(proxy.calls).toHaveLength(3);
  });

  test('a repeated put whose answer was lost finds that the key exists', async () => {
    proxy.next([{ kind: 'answer lost' }]);
    await expect(store().putNew(`bad-moment/6-${Date.now()}`, 'x')).resolves.toBe('exists');
  });

  test('a bucket in another region is reported with its region', async () => {
    const body = '<Error><Code>PermanentRedirect</Code><Message>use the endpoint</Message></Error>';
    proxy.next([], refused(301, body));
    await expect(impatient().get('k')).rejects.toMatchObject({ name: 'Terminal', code: 'WrongRegion' });
  });

  test('a refused call names the permission it needs', async () => {
    proxy.next([], { kind: 'refused', refusal: accessDenied('s3') });
    await expect(impatient().get('k')).rejects.toMatchObject({
      name: 'Terminal',
      code: 'AccessDenied',
      message: expect.stringMatching(/s3:GetObject.*s3:ListBucket/),
    });
  });

  test('an endpoint that does not answer is a transient error', async () => {
    const gone = await startScriptedProxy(endpoint);
    await gone.close();
    const unreachable = createS3ObjectStore({ client: s3Client({ endpoint: gone.endpoint }), bucket });
    await expect(unreachable.get('k')).rejects.toMatchObject({
      name: 'Transient',
      code: 'NetworkFailed',
      message: expect.stringContaining(new URL(gone.endpoint).host),
    });
  });
});
