import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from '@jest/globals';

const MODULE = new URL('../../../src/workers/process-options.ts', import.meta.url).href;
const script = `
  const { useWorkerOptions } = await import(${JSON.stringify(MODULE)});
  useWorkerOptions();
  const { pid, execArgv, argv, env } = process;
  const flags = execArgv.filter((flag) => flag.startsWith('--max-semi'));
  console.log(JSON.stringify({ pid, flags, words: argv.slice(1), compiled: env.NODE_COMPILE_CACHE }));
`;

async function started(options: { flags?: string[]; environment?: NodeJS.ProcessEnv; ipc?: true }) {
  const child = spawn(
    process.execPath,
    [...(options.flags ?? []), '--input-type=module', '--eval', script, 'one', 'two words'],
    {
      env: {
        ...process.env,
        NODE_OPTIONS: '',
        NODE_COMPILE_CACHE: undefined,
        TRIBUTARY_CACHE: undefined,
        ...options.environment,
      },
      stdio: ['ignore', 'pipe', 'inherit', ...(options.ipc ? (['ipc'] as const) : [])],
    },
  );
  const [printed] = await Promise.all([text(child.stdout as NodeJS.ReadableStream), once(child, 'exit')]);
  const { pid, ...seen } = JSON.parse(printed);
  return { ...seen, isSameProcess: pid === child.pid };
}

describe("a worker's options for Node", () => {
  test('are set by starting again in the same process, with the same arguments', async () => {
    expect(await started({})).toEqual({
      flags: ['--max-semi-space-size=2'],
      words: ['one', 'two words'],
      compiled: expect.stringMatching(/tributary.compiled$/),
      isSameProcess: true,
    });
  });

  test.each([
    ['the command line', { flags: ['--max-semi-space-size=8'] }, ['--max-semi-space-size=8']],
    ['NODE_OPTIONS', { environment: { NODE_OPTIONS: '--max-semi-space-size=8' } }, []],
  ])("are left alone if %s has the user's own", async (_, options, flags) => {
    expect(await started(options)).toMatchObject({ flags });
  });

  test('leave the place of compiled code to the user', async () => {
    const environment = { NODE_COMPILE_CACHE: join(tmpdir(), 'own') };
    expect(await started({ environment })).toMatchObject({ compiled: environment.NODE_COMPILE_CACHE });
  });

  test('are not set over a channel, which would be lost', async () => {
    expect(await started({ ipc: true })).toMatchObject({ flags: [] });
  });
});
