import { describe, expect, test } from '@jest/globals';
import type { Command } from 'commander';
import { program } from '../../../src/cli/program.ts';
import * as messages from '../../../src/workflows/messages.ts';
import { PAGES, read, shellLines } from './pages.ts';

/** The words of a command line; a quoted one is one word. */
const words = (line: string) =>
  [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? '');

/** A word in place of which the reader puts their own. */
const isPlaceholder = (word: string) => word.startsWith('<');

const all = PAGES.flatMap((path) => shellLines(read(path)).map((line) => ({ path, line })));

/** What a command line of ours says that the CLI does not know. */
function unknown(line: string): string | undefined {
  const [, rest = ''] = /\btributary(?:\.js)? (.*)$/.exec(line.split(/[|>;]/)[0] ?? '') ?? [];
  let command: Command = program();
  for (const word of words(rest)) {
    const next = command.commands.find((child) => child.name() === word);
    if (next !== undefined) {
      command = next;
    } else if (word.startsWith('--')) {
      if (word !== '--help' && !command.options.some(({ long }) => long === word)) {
        return `${command.name()} has no option ${word}`;
      }
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

  test('one that does not exist would be noticed', () => {
    expect(unknown('npx tributary rollback nobel')).toBe('tributary has no command rollback');
    expect(unknown('npx tributary run nobel --sgments 3')).toBe('run has no option --sgments');
  });
});

test('npm scripts named are in package.json', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const named = all.flatMap(({ line }) => /^npm (?:run )?([a-z]+)/.exec(line)?.[1] ?? []);
  expect(named.length).toBeGreaterThan(3);
  expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
});

describe("commands of Temporal's CLI", () => {
  const theirs = all.filter(({ line }) => line.startsWith('temporal '));
  const after = (line: string, option: string) => {
    const found = words(line);
    const at = found.indexOf(option);
    return at < 0 ? undefined : found[at + 1];
  };

  test('are many', () => expect(theirs.length).toBeGreaterThan(15));

  test('name workflows, messages and queues that exist', () => {
    const known = {
      // Workflow code cannot be imported outside of a workflow: these are the exports of src/workflows/index.ts.
      '--type': [...read('src/workflows/index.ts').matchAll(/export \{ (\w+) \}/g)].map(
        ([, name]) => name as string,
      ),
      '--name': [messages.RETRY_SEGMENT, messages.RETRY_TABLE],
      '--task-queue': [messages.CONTROL_TASK_QUEUE],
    };
    known['--type'].push(messages.QUERY_PROGRESS, 'FirstWorkflowTask');
    for (const [option, names] of Object.entries(known)) {
      for (const { line } of theirs) {
        const name = after(line, option);
        if (name !== undefined) expect(names).toContain(name);
      }
    }
  });

  test('give inputs that are JSON with keys their workflow takes', () => {
    const source = read('src/workflows/messages.ts');
    for (const { line } of theirs) {
      const type = after(line, '--type');
      const input = after(line, '--input');
      if (input === undefined || isPlaceholder(input)) continue;
      const parsed: unknown = JSON.parse(input);
      if (typeof parsed !== 'object' || type === undefined) continue;
      const shape = {
        refreshWarehouse: 'RefreshInput',
        extractSegment: 'ExtractSegmentInput',
        loadTable: 'LoadTableInput',
      }[type];
      const [, body = ''] = new RegExp(`interface ${shape} \\{(.*?)\\n\\}`, 's').exec(source) ?? [];
      const keys = [...body.matchAll(/readonly (\w+)\??:/g)].map(([, key]) => key);
      expect(keys).toEqual(expect.arrayContaining(Object.keys(parsed as object)));
    }
  });
});
