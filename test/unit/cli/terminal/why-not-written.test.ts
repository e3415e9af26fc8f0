import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { expect, test } from '@jest/globals';
import { whyNotWritten } from '../../../../src/cli/terminal/why-not-written.ts';

test.each([
  ['/nonexistent/a.html', 'its directory does not exist'],
  [tmpdir(), 'it is a directory'],
  [`${process.execPath}/a.html`, 'part of its path is a file, not a directory'],
])('a page cannot be written to %s: %s', async (file, why) => {
  expect(whyNotWritten(await writeFile(file, '').catch((error: unknown) => error))).toBe(why);
});
