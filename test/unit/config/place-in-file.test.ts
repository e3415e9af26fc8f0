import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { placeInFile } from '../../../src/config/place-in-file.ts';

const directory = mkdtempSync(join(tmpdir(), 'place-in-file-'));
afterAll(() => rmSync(directory, { recursive: true }));

test('a setting has its line and column, and one that is not written has none', () => {
  const file = join(directory, 'tributary.yaml');
  writeFileSync(file, 'datasets:\n  rides:\n    deduplicate: { key: [idd] }\n');
  expect(placeInFile(file, ['datasets', 'rides', 'deduplicate'])).toBe(`${file}:3:5 `);
  expect(placeInFile(file, ['datasets', 'rides', 'deduplicate', 'key'])).toBe(`${file}:3:20 `);
  expect(placeInFile(file, ['datasets', 'rides', 'partition'])).toBe('');
  expect(placeInFile(join(directory, 'absent.yaml'), ['datasets'])).toBe('');
});
