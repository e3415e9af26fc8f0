import { describe, expect, test } from '@jest/globals';
import type { Command } from 'commander';
import { program } from '../../../src/cli/program.ts';
import * as loaderMessages from '../../../src/contract/loader/loader.ts';
import * as messages from '../../../src/contract/refresh.ts';
import { PAGES, read, shellLines } from './pages.ts';

/** The words of a command line; a quoted one is one word. */
const words = (line: string) =>
  [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? '');

/** The word after an option. */
function option(line: string, name: string): string | undefined {
  const found = words(line);
  const at = found.indexOf(name);
  return at < 0 ? undefined : found[at + 1];
}

const all = PAGES.flatMap((path) => shellLines(read(path)).map((line) => ({ path, line })));

/** The parts of one of our command lines that the CLI does not know. */
function unknown(line: string): string | undefined {
  const [, rest = ''] = /\btributary(?:\.js)? (.*)$/.exec(line.split(/ [|;] /)[0] ?? '') ?? [];
  let command: Command = program();
  let isValue = false;
  for (const word of words(rest)) {
    if (isValue) {
      isValue = false;
      continue;
    }
    isValue = command.options.some(({ long, required }) => long === word && required);
    const next = command.commands.find((child) => child.name() === word);
    if (next !== undefined) {
      command = next;
    } else if (word.startsWith('--')) {
      // `dataset get` has an option per column.
      if (command.name() === 'get') isValue = true;
      else if (word !== '--help' && !command.options.some(({ long }) => long === word)) {
        return `${command.name()} has no option ${word}`;
      }
    } else if (command.name() === 'rejects' && word.startsWith('<')) {
      // `rejects <run>` is `rejects list <run>`: commander does not reveal which command is the default.
      command = command.commands.find((child) => child.name() === 'list') ?? command;
    } else if (command.commands.length > 0) {
      return `${command.name()} has no command ${word}`;
    }
  }
  return undefined;
}

describe('commands of our CLI', () => {
  const ours = all.filter(({ line }) =>
    /^(?:\w+=\S+ )*(?:npx tributary|node bin\/tributary\.js) /.test(line),
  );

  test('are many', () => expect(ours.length).toBeGreaterThan(30));

  test.each(ours)('$path: $line', ({ line }) => {
    expect(unknown(line)).toBeUndefined();
  });

  test('a command that does not exist would be noticed', () => {
    expect(unknown('npx tributary rollbak nobel')).toBe('tributary has no command rollbak');
    expect(unknown('npx tributary retry <run> --sgment 3')).toBe('retry has no option --sgment');
  });
});

test('the npm scripts that pages name are in package.json', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const named = all.flatMap(({ line }) => /^npm (?:run )?([a-z-]+)/.exec(line)?.[1] ?? []);
  expect(named.length).toBeGreaterThan(3);
  // `npm pack` is npm's own.
  expect(named.filter((name) => name !== 'pack' && !Object.hasOwn(scripts, name))).toEqual([]);
});

describe("commands of Temporal's CLI", () => {
  const theirs = all.flatMap(({ line }) => (line.startsWith('temporal ') ? [line] : []));
  const inputOf = (workflow: string) => {
    const name = `${workflow[0]?.toUpperCase()}${workflow.slice(1)}Input`.replace(/Warehouse|Schema/, '');
    const [, body] =
      new RegExp(`interface ${name}(?: extends \\w+)? \\{(.*?)\\n\\}`, 's').exec(
        [
          'refresh',
          'maintenance',
          'infer',
          'plan-pipeline',
          'loader/loader',
          'loader/bulk-load',
          'datasets/datasets',
          'datasets/graph',
        ]
          .map((name) => read(`src/contract/${name}.ts`))
          .join('\n'),
      ) ?? [];
    if (body === undefined) throw new Error(`no interface ${name}`);
    return [...body.matchAll(/readonly (\w+)\??:/g)].map(([, key]) => key);
  };
  // Workflow code cannot be imported outside of a workflow.
  const workflows = [...read('src/workflows/index.ts').matchAll(/export \{ (\w+) \}/g)].map(
    ([, name]) => name,
  );

  test('are many', () => expect(theirs.length).toBeGreaterThan(15));

  const starting = theirs.filter((line) =>
    /^temporal (?:workflow (?:start|execute)|schedule create) /.test(line),
  );
  test.each(starting)('%s', (line) => {
    expect(option(line, '--task-queue')).toBe(messages.CONTROL_TASK_QUEUE);
    const workflow = option(line, '--type') ?? '';
    expect(workflows).toContain(workflow);
    const input = JSON.parse(option(line, '--input') ?? '') as object;
    expect(inputOf(workflow)).toEqual(expect.arrayContaining(Object.keys(input)));
  });

  const asking = theirs.filter((line) => /^temporal workflow (?:update execute|signal) /.test(line));
  const isOf = (system: string) => (line: string) =>
    option(line, '--workflow-id')?.startsWith(`${system}/`) === true;
  const [isOfLoader, isOfGraph] = [isOf('loader'), isOf('graph')];

  test.each(asking.filter(isOfGraph))('%s', (line) => {
    expect(['retry', 'finish', 'accept']).toContain(option(line, '--name'));
    const input = JSON.parse(option(line, '--input') ?? '{}') as object;
    const wanted = option(line, '--name') === 'accept' ? ['dataset', 'reason'] : [];
    expect(Object.keys(input).filter((key) => key !== 'partition')).toEqual(wanted);
  });

  test.each(asking.filter(isOfLoader))('%s', (line) => {
    const { RETRY_BATCH, SKIP_BATCH, SPLIT_BATCH, PAUSE, RESUME } = loaderMessages;
    expect([RETRY_BATCH, SKIP_BATCH, SPLIT_BATCH, PAUSE, RESUME]).toContain(option(line, '--name'));
    expect(() => JSON.parse(option(line, '--input') ?? 'null')).not.toThrow();
  });

  test.each(asking.filter((line) => !isOfLoader(line) && !isOfGraph(line)))('%s', (line) => {
    const { RETRY_SEGMENT, RETRY_TABLE, RETRY_CHECK } = messages;
    expect([RETRY_SEGMENT, RETRY_TABLE, RETRY_CHECK]).toContain(option(line, '--name'));
    const kind = option(line, '--name') === RETRY_SEGMENT ? 'number' : 'string';
    // Without an argument, it retries everything that failed.
    const input = option(line, '--input') ?? (kind === 'string' ? '""' : '0');
    expect(typeof JSON.parse(input)).toBe(kind);
  });

  test('ask for a query, and for search attributes, that exist', () => {
    const queries = theirs.filter((line) => line.startsWith('temporal workflow query '));
    expect(new Set(queries.map((line) => option(line, '--type')))).toEqual(
      new Set([messages.QUERY_PROGRESS]),
    );
    const named = new Set(theirs.flatMap((line) => line.match(/Tributary\w+/g) ?? []));
    expect([...named].sort()).toEqual([...messages.SEARCH_ATTRIBUTES].sort());
  });
});
