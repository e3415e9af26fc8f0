import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import type { ObjectStore } from '../../../../src/clients/object-store.ts';
import { download, refuseShort } from '../../../../src/store/datasets/local-files.ts';

const directory = mkdtempSync(join(tmpdir(), 'tributary-local-files-'));
afterAll(() => rmSync(directory, { recursive: true }));

test('a file is on the local disk whole, or its step is tried again', async () => {
  const path = join(directory, 'a');
  const pieces = [Buffer.from('first '), Buffer.from('second')];
  const store = { bucket: 'b', getRange: async () => pieces.shift() } as unknown as ObjectStore;
  await download(store, { key: 'k', etag: 'e', bytes: 12 }, path, new AbortController().signal);
  expect(readFileSync(path, 'utf8')).toBe('first second');
  // The disk has no room for the rest: nothing fails.
  expect(() => refuseShort(path, 11, 12)).toThrow(
    expect.objectContaining({ code: 'EngineOutOfSpace', message: expect.stringContaining('11 of 12 bytes') }),
  );
});
