import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { KeptProcesses } from '../../../local/stack/kept-processes.ts';
import { startServer } from '../../../local/stack/servers/start-server.ts';
import type { StackContext } from '../../../local/stack/stack-context.ts';

/**
 * Ends like Temporal if one of the ports that it chooses itself is taken: first the reason, then a panic whose stack is
 * longer than a message may be. After that many failures it serves.
 */
const program = `
  import { appendFileSync, readFileSync } from 'node:fs';
  import { createServer } from 'node:http';
  const [starts, failures, port] = process.argv.slice(2);
  appendFileSync(starts, 'x');
  if (readFileSync(starts, 'utf8').length <= Number(failures)) {
    console.error('Failed to start gRPC listener: listen tcp 127.0.0.1:1: bind: address already in use');
    console.error('panic: runtime error');
    for (let frame = 1; frame <= 60; frame++) console.error('frame ' + frame);
    process.exit(2);
  }
  createServer((_, response) => response.end()).listen(Number(port), '127.0.0.1');
`;

let directory: string;
let kept: KeptProcesses;
let starts: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tributary-start-server-'));
  kept = new KeptProcesses({ directory, deleteStack: false });
  starts = join(directory, 'starts');
  writeFileSync(join(directory, 'program.mjs'), program);
});

afterEach(async () => {
  await kept.end();
  rmSync(directory, { recursive: true });
});

function start(failures: number) {
  const credentials = { s3AccessKeyId: '', s3SecretAccessKey: '', postgresPassword: '' };
  const context: StackContext = { kept, directory, persist: false, credentials, log: () => {} };
  return startServer(context, {
    portCount: 1,
    process: ([port]) => ({
      name: 'anvil',
      command: process.execPath,
      arguments: [join(directory, 'program.mjs'), starts, String(failures), String(port)],
    }),
    ready: async ([port]) => (await fetch(`http://127.0.0.1:${port}/`)).status === 200,
  });
}

test('a server whose port was taken is started again on other ports, however long its error output is', async () => {
  const { ports } = await start(2);
  expect((await fetch(`http://127.0.0.1:${ports[0]}/`)).status).toBe(200);
  expect(readFileSync(starts, 'utf8')).toHaveLength(3);
});

test('a server that never gets its ports fails, with the reason and the end of its log', async () => {
  const message = await start(100).then(
    () => 'it started',
    (error: Error) => error.message,
  );
  expect(message).toContain('anvil ended (exit code 2)');
  expect(message).toContain('bind: address already in use');
  expect(message).toContain('frame 60');
  expect(message).not.toContain('frame 30');
  expect(readFileSync(starts, 'utf8')).toHaveLength(4);
});
