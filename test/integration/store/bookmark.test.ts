import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import type { Fault } from '../../../local/fault-proxy/fault.ts';
import { type ScriptedProxy, startScriptedProxy } from '../../../local/fault-proxy/scripted-proxy.ts';
import { createS3ObjectStore, s3Client } from '../../../src/clients/s3/s3-object-store.ts';
import { amend, type Bookmark } from '../../../src/store/bookmark.ts';
import { findDocument } from '../../../src/store/document.ts';
import { useStackCredentials } from '../clients/use-stack-credentials.ts';
import { testStack } from '../setup/stack.ts';

const { endpoint, bucket } = testStack().s3;
useStackCredentials();

const PASSED: Fault = { kind: 'none' };

/** Names that were agreed on, and a note that is not part of a revision. */
const Agreed = z.object({ revision: z.number(), names: z.array(z.string()), seen: z.string().optional() });
type Agreed = z.infer<typeof Agreed>;

/** Adds a name unless it is there: the same change again changes nothing. */
const adding = (name: string) => (before: Agreed | undefined) =>
  before?.names.includes(name)
    ? before
    : { revision: (before?.revision ?? 0) + 1, names: [...(before?.names ?? []), name] };

describe('amending a bookmark', () => {
  let proxy: ScriptedProxy;
  beforeAll(async () => {
    proxy = await startScriptedProxy(endpoint);
  });
  afterAll(async () => {
    await proxy.close();
  });

  const fresh = (through = endpoint): Bookmark<Agreed> => {
    const prefix = `bookmarks/${randomUUID()}`;
    return {
      store: createS3ObjectStore({ client: s3Client({ endpoint: through }), bucket }),
      key: `${prefix}/current.json`,
      schema: Agreed,
      revisionKey: ({ revision }) => `${prefix}/history/${revision}.json`,
    };
  };
  const current = (at: Bookmark<Agreed>) => findDocument(at);
  const revisions = async (at: Bookmark<Agreed>) => {
    const kept: Agreed[] = [];
    for await (const { key } of at.store.list(at.key.replace('current.json', 'history/')))
      kept.push((await findDocument({ ...at, key }))!);
    return kept.map(({ names }) => names.join());
  };

  test('creates the first version, and keeps it', async () => {
    const at = fresh();
    await expect(amend(at, adding('a'))).resolves.toEqual({ revision: 1, names: ['a'] });
    expect(await current(at)).toEqual({ revision: 1, names: ['a'] });
    expect(await revisions(at)).toEqual(['a']);
  });

  test('receives the existing document, and keeps every revision', async () => {
    const at = fresh();
    for (const name of ['a', 'b', 'c']) await amend(at, adding(name));
    expect(await current(at)).toEqual({ revision: 3, names: ['a', 'b', 'c'] });
    expect(await revisions(at)).toEqual(['a', 'a,b', 'a,b,c']);
  });

  test('with undefined, or with the existing document, writes nothing', async () => {
    const at = fresh();
    await expect(amend(at, () => undefined)).resolves.toBeUndefined();
    expect(await current(at)).toBeUndefined();
    await amend(at, adding('a'));
    const before = await at.store.get(at.key);
    await expect(amend(at, () => undefined)).resolves.toBeUndefined();
    await expect(amend(at, adding('a'))).resolves.toEqual({ revision: 1, names: ['a'] });
    expect(await at.store.get(at.key)).toEqual(before);
    expect(await revisions(at)).toEqual(['a']);
  });

  test('without a new revision changes the document, and keeps none', async () => {
    const at = fresh();
    await amend(at, adding('a'));
    await amend(at, (before) => ({ ...before!, seen: 'today' }));
    expect(await current(at)).toEqual({ revision: 1, names: ['a'], seen: 'today' });
    expect(await revisions(at)).toEqual(['a']);
  });

  test('by two at once applies both changes, one after the other', async () => {
    const at = fresh();
    await Promise.all([amend(at, adding('a')), amend(at, adding('b'))]);
    expect((await current(at))?.names.toSorted()).toEqual(['a', 'b']);
    await Promise.all(['c', 'd', 'e', 'f'].map((name) => amend(at, adding(name))));
    expect((await current(at))?.names.toSorted()).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
    expect(await revisions(at)).toHaveLength(6);
  });

  test('whose put of the first version lost its response applies it once, and keeps it', async () => {
    const at = fresh(proxy.endpoint);
    // The read; then the put, whose response is lost.
    proxy.next([PASSED, { kind: 'answer lost' }]);
    await expect(amend(at, adding('a'))).resolves.toEqual({ revision: 1, names: ['a'] });
    expect(await current(at)).toEqual({ revision: 1, names: ['a'] });
    expect(await revisions(at)).toEqual(['a']);
  });

  test('whose put of a later version lost its response applies it once, and keeps it', async () => {
    const at = fresh(proxy.endpoint);
    proxy.next([]);
    await amend(at, adding('a'));
    // The read and the put of the earlier revision; then the put of the next version.
    proxy.next([PASSED, PASSED, { kind: 'answer lost' }]);
    await expect(amend(at, adding('b'))).resolves.toEqual({ revision: 2, names: ['a', 'b'] });
    expect(await current(at)).toEqual({ revision: 2, names: ['a', 'b'] });
    expect(await revisions(at)).toEqual(['a', 'a,b']);
  });

  test('keeps the revision of a process that died before it kept it', async () => {
    const at = fresh();
    await at.store.put(at.key, JSON.stringify({ revision: 1, names: ['a'] }));
    await amend(at, adding('b'));
    expect(await revisions(at)).toEqual(['a', 'a,b']);
  });

  test('that throws changes nothing', async () => {
    const at = fresh();
    await amend(at, adding('a'));
    const refuse = () => {
      throw new Error('refused');
    };
    await expect(amend(at, refuse)).rejects.toThrow('refused');
    expect(await current(at)).toEqual({ revision: 1, names: ['a'] });
  });

  test('of a damaged document is refused, with what to do', async () => {
    const at = { ...fresh(), remedy: 'Put the newest version of history/ in its place.' };
    await at.store.put(at.key, '{');
    await expect(amend(at, adding('a'))).rejects.toMatchObject({
      code: 'DamagedFile',
      message: expect.stringMatching(/is not JSON.*Put the newest version of history\/ in its place\.$/),
    });
  });
});
