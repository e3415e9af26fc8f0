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
let sha256: string;

beforeAll(async () => {
  mkdirSync(join(directory, 'anvil_v2'));
  writeFileSync(join(directory, 'anvil_v2', 'anvil'), 'iron');
  spawnSync('tar', ['-czf', join(directory, 'anvil.tar.gz'), '-C', directory, 'anvil_v2/anvil']);
  const archive = readFileSync(join(directory, 'anvil.tar.gz'));
  files['/anvil.tar.gz'] = archive;
  sha256 = createHash('sha256').update(archive).digest('hex');
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

const download = (archive: string, pinned: string, into: string) =>
  downloadRelease(
    { archiveUrl: `${url}/${archive}`, sha256: pinned, member: 'anvil_v2/anvil' },
    'anvil',
    into,
    quietly,
  );

test('a release that has the pinned checksum is unpacked', async () => {
  const into = mkdtempSync(join(directory, 'into-'));
  await download('anvil.tar.gz', sha256, into);
  expect(readFileSync(join(into, 'anvil'), 'utf8')).toBe('iron');
});

test('a release that has another checksum is not', async () => {
  const into = mkdtempSync(join(directory, 'into-'));
  await expect(download('anvil.tar.gz', '0'.repeat(64), into)).rejects.toThrow(
    /has SHA-256 .* not the pinned 000/,
  );
  expect(readdirSync(into)).toEqual(['anvil.tar.gz']);
});

test('a vendor without the file and an unreachable vendor are distinguished', async () => {
  await expect(download('missing.tar.gz', sha256, directory)).rejects.toThrow(/missing\.tar\.gz: HTTP 404/);
  const nowhere = {
    archiveUrl: 'http://127.0.0.1:1/a.tar.gz',
    sha256,
    member: 'a',
  };
  await expect(downloadRelease(nowhere, 'a', directory, quietly)).rejects.toThrow(
    /cannot download http:\/\/127\.0\.0\.1:1\/a/,
  );
});
