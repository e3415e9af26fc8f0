import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { downloadRelease } from '../../../local/parts/vendor-release.ts';

const quietly = { log: () => {} };
const directory = mkdtempSync(join(tmpdir(), 'tributary-release-'));
const files: Record<string, Buffer | string> = {};
let vendor: Server;
let url: string;

beforeAll(async () => {
  mkdirSync(join(directory, 'anvil_v2'));
  writeFileSync(join(directory, 'anvil_v2', 'anvil'), 'iron');
  spawnSync('tar', ['-czf', join(directory, 'anvil.tar.gz'), '-C', directory, 'anvil_v2/anvil']);
  const archive = readFileSync(join(directory, 'anvil.tar.gz'));
  files['/anvil.tar.gz'] = archive;
  files['/checksums.txt'] = `${createHash('sha256').update(archive).digest('hex')}  anvil.tar.gz\n`;
  files['/wrong.txt'] = `${'0'.repeat(64)}  anvil.tar.gz\n`;
  vendor = createServer((request, response) => {
    const body = files[request.url ?? ''];
    response.statusCode = body === undefined ? 404 : 200;
    response.end(body);
  });
  await new Promise<void>((resolve) => vendor.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(vendor.address() as AddressInfo).port}`;
});

afterAll(() => {
  vendor.close();
  rmSync(directory, { recursive: true });
});

const download = (checksums: string, into: string) =>
  downloadRelease(
    { archiveUrl: `${url}/anvil.tar.gz`, checksumsUrl: `${url}/${checksums}`, member: 'anvil_v2/anvil' },
    'anvil',
    into,
    quietly,
  );

test('a release whose checksum is right is unpacked', async () => {
  const into = mkdtempSync(join(directory, 'into-'));
  await download('checksums.txt', into);
  expect(readFileSync(join(into, 'anvil'), 'utf8')).toBe('iron');
});

test('a release whose checksum is wrong is not', async () => {
  const into = mkdtempSync(join(directory, 'into-'));
  await expect(download('wrong.txt', into)).rejects.toThrow(
    /has SHA-256 .* but the vendor's checksum list has 000/,
  );
  expect(readdirSync(into)).toEqual(['anvil.tar.gz']);
});

test('a vendor without the file and an unreachable vendor are distinguished', async () => {
  await expect(download('missing.txt', directory)).rejects.toThrow(/missing\.txt: HTTP 404/);
  const nowhere = {
    archiveUrl: 'http://127.0.0.1:1/a.tar.gz',
    checksumsUrl: 'http://127.0.0.1:1/c',
    member: 'a',
  };
  await expect(downloadRelease(nowhere, 'a', directory, quietly)).rejects.toThrow(
    /cannot download http:\/\/127\.0\.0\.1:1\/c/,
  );
});
