import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

const run = promisify(execFile);
const project = fileURLToPath(new URL('../../../', import.meta.url));

/** Prints the URL of each module that Node loads, one per line, to stderr. */
const TRACE = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  import { writeSync } from 'node:fs';
  registerHooks({
    load(url, context, next) {
      writeSync(2, url + '\\n');
      return next(url, context);
    },
  });
`)}`;

/** The modules that a command line loads: packages by name, this project's files by path. */
async function modulesOf(...words: string[]): Promise<{ packages: string[]; files: string[] }> {
  const args = ['--import', TRACE, 'bin/tributary.js', ...words];
  // No Temporal server answers there, so a command that asks one ends with an error.
  const env = { ...process.env, TRIBUTARY_TEMPORAL_ADDRESS: '127.0.0.1:1' };
  const { stderr } = await run(process.execPath, args, { cwd: project, env }).catch(
    (error: { readonly stderr: string }) => error,
  );
  const urls = stderr.split('\n').filter((line) => line.startsWith('file:'));
  const paths = urls.map((url) => fileURLToPath(url).slice(project.length));
  const packages = paths.flatMap(
    (path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.slice(1, 2) ?? [],
  );
  return {
    packages: [...new Set(packages)].sort(),
    files: paths.filter((path) => !path.startsWith('node_modules/')),
  };
}

test.each([['--help'], ['run', '--help'], ['--version']])(
  'help needs no SDK, no schema and no configuration: %s %s',
  async (...words) => {
    const { packages, files } = await modulesOf(...words);
    expect(packages).toEqual(['commander', 'picocolors']);
    expect(files.length).toBeLessThanOrEqual(60);
  },
);

test("status loads Temporal's client, and AWS's SDK only once it needs S3", async () => {
  const { packages } = await modulesOf('status');
  expect(packages).toContain('@temporalio/client');
  expect(packages.filter((name) => /^@(aws-sdk|smithy)/.test(name))).toEqual([]);
});
