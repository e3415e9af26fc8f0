import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { bundleInProcess } from '../../../src/workers/bundle-sources.ts';

describe('bundling in a process of its own', () => {
  test('gives the code of the workflows, without a path of this machine', async () => {
    const code = await bundleInProcess();
    expect({ hasWorkflow: code.includes('refreshWarehouse'), hasPath: code.includes(process.cwd()) }).toEqual(
      { hasWorkflow: true, hasPath: false },
    );
  }, 60_000);

  test('is small in memory: ASCII, and a source map of names and lines without the sources', async () => {
    const code = await bundleInProcess();
    const [, encoded = ''] = /^\/\/# sourceMappingURL=data:[^,\n]*base64,([\w+/=]+)/m.exec(code) ?? [];
    const map = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8')) as Record<string, unknown>;
    expect(/[^\0-\x7f]/.test(code)).toBe(false);
    expect(Object.keys(map)).not.toContain('sourcesContent');
    // Temporal's worker reads it.
    expect(map.file).toMatch(/\.js$/);
    expect(map.sources).toEqual(expect.arrayContaining([expect.stringContaining('refresh-warehouse.ts')]));
  }, 60_000);

  test('says why it failed', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'bundle-'));
    try {
      const payloadConverterPath = join(directory, 'broken.js');
      writeFileSync(payloadConverterPath, 'export const payloadConverter = {;');
      const error = await bundleInProcess({ payloadConverterPath }).then(
        () => undefined,
        (error_: unknown) => error_,
      );
      expect(error).toMatchObject({
        code: 'BadEnvironment',
        message: expect.stringMatching(/^The workflows could not be bundled:\n.*broken\.js/s),
      });
    } finally {
      rmSync(directory, { recursive: true });
    }
  }, 60_000);
});
