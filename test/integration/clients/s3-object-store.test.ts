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

describe('an unusable bucket is reported before any work is done', () => {
  test('one that is not there, by name', async () => {
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

  test('one that is there passes', async () => {
    await expect(
      createS3ObjectStore({ client: s3Client({ endpoint }), bucket }).check(),
    ).resolves.toBeUndefined();
  });
});

describe('credentials that do not do', () => {
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

  test('none at all: where to put them', async () => {
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

describe('S3 having a bad moment', () => {
  let proxy: ScriptedProxy;
  const store = () => createS3ObjectStore({ client: s3Client({ endpoint: proxy.endpoint }), bucket });
  /** A store whose client does not retry, to see what a caller finally gets. */
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

  test('a reset and a server’s fault are tried again', async () => {
    proxy.next([{ kind: 'reset' }, refused(500, '')]);
    await expect(store().put('bad-moment/1', 'x')).resolves.toMatch(/^"/);
    expect(proxy.calls).toHaveLength(3);
  });

  test('permanent throttling is transient: it is worth waiting', async () => {
    proxy.next([], slowDown);
    await expect(impatient().get('bad-moment/2')).rejects.toMatchObject({
      name: 'Transient',
      code: 'Throttled',
    });
  });

  test('a body that breaks off is worth another try', async () => {
    proxy.next([]);
    await store().put('bad-moment/3', 'x'.repeat(100_000));
    proxy.next([], { kind: 'cut', afterBytes: 50_000 });
    await expect(impatient().get('bad-moment/3')).rejects.toMatchObject({
      name: 'Transient',
      code: 'NetworkFailed',
      message: expect.stringContaining('bad-moment/3'),
    });
  });

  test('a body that breaks off, or changes on its way, is read again', async () => {
    proxy.next([]);
    await store().put('bad-moment/7', 'x'.repeat(1_000));
    const changed: Fault = { kind: 'damaged', damage: () => Buffer.alloc(1_000, 'y') };
    proxy.next([{ kind: 'cut', afterBytes: 500 }, changed]);
    const found = await impatient().get('bad-moment/7');
    expect(String(Buffer.from(found!.body))).toBe('x'.repeat(1_000));
    expect(proxy.calls).toHaveLength(3);
  });

  test('a body that changed on its way is never taken for the object', async () => {
    proxy.next([]);
    await store().put('bad-moment/4', 'x'.repeat(1_000));
    proxy.next([], { kind: 'damaged', damage: (body) => Buffer.from(body.toString().replace('x', 'y')) });
    await expect(impatient().get('bad-moment/4')).rejects.toMatchObject({
      name: 'Transient',
      code: 'DamagedObject',
    });
  });

  test('another write to the same new key under way is put again, and worth another try later', async () => {
    const conflict = refused(409, '<Error><Code>ConditionalRequestConflict</Code></Error>');
    proxy.next([conflict, conflict]);
    await expect(impatient().putNew(`bad-moment/5-${Date.now()}`, 'x')).resolves.toMatch(/^"/);
    proxy.next([], conflict);
    await expect(impatient().putNew('bad-moment/5', 'x')).rejects.toMatchObject({
      name: 'Transient',
      code: 'WriteConflict',
    });
  });

  test('a put that meets the removal of its directory by a store of files is put again', async () => {
    const removed = refused(409, '<Error><Code>ExistingObjectIsDirectory</Code></Error>');
    proxy.next([removed, removed]);
    await expect(impatient().put(`bad-moment/8-${Date.now()}`, 'x')).resolves.toMatch(/^"/);
    expect(proxy.calls).toHaveLength(3);
  });

  test('a put whose answer was lost meets itself: the key exists', async () => {
    proxy.next([{ kind: 'answer lost' }]);
    await expect(store().putNew(`bad-moment/6-${Date.now()}`, 'x')).resolves.toBe('exists');
  });

  test('a bucket in another region: which', async () => {
    const body = '<Error><Code>PermanentRedirect</Code><Message>use the endpoint</Message></Error>';
    proxy.next([], refused(301, body));
    await expect(impatient().get('k')).rejects.toMatchObject({ name: 'Terminal', code: 'WrongRegion' });
  });

  test('refused: the permission it needs', async () => {
    proxy.next([], { kind: 'refused', refusal: accessDenied('s3') });
    await expect(impatient().get('k')).rejects.toMatchObject({
      name: 'Terminal',
      code: 'AccessDenied',
      message: expect.stringMatching(/s3:GetObject.*s3:ListBucket/),
    });
  });

  test('no server', async () => {
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
