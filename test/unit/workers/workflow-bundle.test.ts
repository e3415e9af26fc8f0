import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ENCODING, workflowBundle } from '../../../src/workers/workflow-bundle.ts';

describe("a checkout's workflow bundle", () => {
  let place: string;
  let cache: string;
  let bundled = 0;
  const bundle = async () => `bundle ${++bundled}`;
  beforeEach(() => {
    place = mkdtempSync(join(tmpdir(), 'bundles-'));
    cache = join(place, 'cache');
    bundled = 0;
  });
  afterEach(() => rmSync(place, { recursive: true }));

  test('is built once and kept', async () => {
    expect(await workflowBundle({}, cache, bundle)).toEqual({ code: 'bundle 1' });
    expect(await workflowBundle({}, cache, bundle)).toEqual({ code: 'bundle 1' });
    expect(readdirSync(cache)).toEqual([expect.stringMatching(/^[0-9a-f]{32}\.js$/)]);
  });

  test('is complete for workers that start at once, whichever of them wrote it last', async () => {
    const started = await Promise.all([workflowBundle({}, cache, bundle), workflowBundle({}, cache, bundle)]);
    expect(started.map(({ code }) => code).sort()).toEqual(['bundle 1', 'bundle 2']);
    expect((await workflowBundle({}, cache, bundle)).code).toMatch(/^bundle [12]$/);
    expect(readdirSync(cache)).toHaveLength(1);
  });

  test('leaves only the newest of earlier sources', async () => {
    mkdirSync(cache);
    for (const age of [1, 2, 3, 4]) {
      writeFileSync(join(cache, `${age}.js`), '');
      utimesSync(join(cache, `${age}.js`), new Date(), new Date(Date.now() - age * 60_000));
    }
    await workflowBundle({}, cache, bundle);
    expect(readdirSync(cache).filter((name) => name.length < 10)).toEqual(['1.js', '2.js']);
  });

  test('is another one if failures are encoded, and is built each time for modules of a user', async () => {
    expect(await workflowBundle({}, cache, bundle)).toEqual({ code: 'bundle 1' });
    expect(await workflowBundle(ENCODING, cache, bundle)).toEqual({ code: 'bundle 2' });
    expect(await workflowBundle(ENCODING, cache, bundle)).toEqual({ code: 'bundle 2' });
    const own = { payloadConverterPath: join(place, 'own.js') };
    expect(await workflowBundle(own, cache, bundle)).toEqual({ code: 'bundle 3' });
    expect(await workflowBundle(own, cache, bundle)).toEqual({ code: 'bundle 4' });
    expect(readdirSync(cache)).toHaveLength(2);
  });

  test('is built each time if it cannot be kept', async () => {
    writeFileSync(cache, 'a file is in the way');
    const another = join(cache, 'below');
    await expect(workflowBundle({}, another, bundle)).resolves.toEqual({ code: 'bundle 1' });
    await expect(workflowBundle({}, another, bundle)).resolves.toEqual({ code: 'bundle 2' });
  });
});
