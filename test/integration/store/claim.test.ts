import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { type ScriptedProxy, startScriptedProxy } from '../../../local/fault-proxy/scripted-proxy.ts';
import { Transient } from '../../../src/clients/errors.ts';
import { createS3ObjectStore, s3Client } from '../../../src/clients/s3/s3-object-store.ts';
import { claim, writtenBy } from '../../../src/store/claim.ts';
import type { Document } from '../../../src/store/document.ts';
import { useStackCredentials } from '../clients/use-stack-credentials.ts';
import { testStack } from '../setup/stack.ts';

const { endpoint, bucket } = testStack().s3;
useStackCredentials();

const Claimed = z.object({ attempt: z.string(), files: z.array(z.string()).default([]) });
type Claimed = z.infer<typeof Claimed>;

const { signal } = new AbortController();

describe('a claim', () => {
  let proxy: ScriptedProxy;
  beforeAll(async () => {
    proxy = await startScriptedProxy(endpoint);
  });
  afterAll(async () => {
    await proxy.close();
  });

  const fresh = (through = endpoint): Document<Claimed> => ({
    store: createS3ObjectStore({ client: s3Client({ endpoint: through }), bucket }),
    key: `claims/${randomUUID()}.json`,
    schema: Claimed,
  });
  const by = (at: Document<Claimed>, attempt: string) =>
    claim(at, { attempt, files: [`${attempt}.csv`] }, writtenBy(attempt), signal);
  const textAt = async ({ store, key }: Document<Claimed>) =>
    Buffer.from((await store.get(key))?.body ?? []).toString();

  test('of a free document wins, and the document exists as JSON', async () => {
    const at = fresh();
    await expect(by(at, 'a')).resolves.toEqual({ won: true, value: { attempt: 'a', files: ['a.csv'] } });
    expect(await textAt(at)).toBe('{"attempt":"a","files":["a.csv"]}');
  });

  test('that comes later loses, changes nothing, and receives the winner’s document', async () => {
    const at = fresh();
    await by(at, 'a');
    await expect(by(at, 'b')).resolves.toEqual({ won: false, value: { attempt: 'a', files: ['a.csv'] } });
    expect(await textAt(at)).toBe('{"attempt":"a","files":["a.csv"]}');
  });

  test('of two writers at once is won by exactly one, and both receive its document', async () => {
    const at = fresh();
    const claims = await Promise.all([by(at, 'a'), by(at, 'b')]);
    expect(claims.filter(({ won }) => won)).toHaveLength(1);
    const winner = claims.find(({ won }) => won)?.value;
    for (const { value } of claims) expect(value).toEqual(winner);
    expect(JSON.parse(await textAt(at))).toEqual(winner);
  });

  test('of twenty-five writers at once is won by exactly one', async () => {
    const at = fresh();
    // A store may ask one of many concurrent writers to try again.
    const claimed = (attempt: string): ReturnType<typeof by> =>
      by(at, attempt).catch((error: unknown) => {
        if (error instanceof Transient) return claimed(attempt);
        throw error;
      });
    const claims = await Promise.all(Array.from({ length: 25 }, (_, i) => claimed(String(i))));
    expect(claims.filter(({ won }) => won)).toHaveLength(1);
    expect(new Set(claims.map(({ value }) => value.attempt)).size).toBe(1);
  });

  test('whose response was lost finds its own document, and has won', async () => {
    const at = fresh(proxy.endpoint);
    proxy.next([{ kind: 'answer lost' }]);
    await expect(by(at, 'a')).resolves.toEqual({ won: true, value: { attempt: 'a', files: ['a.csv'] } });
    await expect(by(at, 'b')).resolves.toMatchObject({ won: false, value: { attempt: 'a' } });
  });

  test('recognises its own document by any rule, such as its owner', async () => {
    const at = fresh();
    await by(at, 'owner-1');
    const isMine = ({ attempt }: Claimed) => attempt.startsWith('owner-');
    await expect(claim(at, { attempt: 'owner-2', files: [] }, isMine, signal)).resolves.toMatchObject({
      won: true,
      value: { attempt: 'owner-1' },
    });
  });

  test('receives the existing document as the schema parses it: defaults are filled in', async () => {
    const at = fresh();
    await at.store.put(at.key, '{"attempt":"older version"}');
    await expect(by(at, 'a')).resolves.toEqual({
      won: false,
      value: { attempt: 'older version', files: [] },
    });
  });

  test('of a damaged document is refused, with its key and what to do', async () => {
    const at = fresh();
    await at.store.put(at.key, '{"attempt":"a"');
    await expect(by(at, 'a')).rejects.toMatchObject({
      name: 'Terminal',
      code: 'DamagedFile',
      message: expect.stringMatching(`s3://${bucket}/${at.key} is not JSON.*Start a new run`),
    });
    await at.store.put(at.key, '{"files":[]}');
    await expect(
      claim({ ...at, remedy: 'Ask.' }, { attempt: 'a', files: [] }, writtenBy('a'), signal),
    ).rejects.toMatchObject({
      code: 'DamagedFile',
      message: expect.stringMatching(/not what this version of Tributary writes: .* at attempt\. Ask\.$/),
    });
  });

  test('of a document that is removed at the same time is retried later, and never counted as won', async () => {
    const at = fresh();
    const store = { ...at.store, get: async () => undefined };
    await by(at, 'a');
    await expect(by({ ...at, store }, 'b')).rejects.toMatchObject({
      name: 'Transient',
      code: 'WriteConflict',
    });
  });

  test('that was cancelled writes nothing', async () => {
    const at = fresh();
    const aborted = AbortSignal.abort();
    await expect(claim(at, { attempt: 'a', files: [] }, writtenBy('a'), aborted)).rejects.toMatchObject({
      name: 'AbortError',
    });
    await expect(at.store.get(at.key)).resolves.toBeUndefined();
  });
});
