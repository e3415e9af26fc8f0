import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { acceptsConnections, postmasterIn } from '../../../local/stack/servers/postgres-server.ts';

const directory = mkdtempSync(join(tmpdir(), 'tributary-postmaster-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** postmaster.pid as PostgreSQL writes it. */
const write = (pid: number, startedAt: number, state: string) =>
  writeFileSync(
    join(directory, 'postmaster.pid'),
    [pid, directory, startedAt, 5432, '', '127.0.0.1', '   123         4', state.padEnd(8), ''].join('\n'),
  );

test('PostgreSQL is ready once it says so, and never by what a killed server left behind', () => {
  expect(acceptsConnections(directory, postmasterIn(directory))).toBe(false);

  write(100, 1000, 'ready');
  const leftover = postmasterIn(directory);
  expect(acceptsConnections(directory, leftover)).toBe(false);

  // The same pid again, as in a container.
  write(100, 2000, 'starting');
  expect(acceptsConnections(directory, leftover)).toBe(false);
  write(100, 2000, 'ready');
  expect(acceptsConnections(directory, leftover)).toBe(true);
});
