import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { Command } from 'commander';
import { cliPage } from '../../../src/cli/cli-page.ts';
import { program } from '../../../src/cli/program.ts';
import { newRunName } from '../../../src/cli/temporal/run-name.ts';
import { RunName } from '../../../src/pipeline/definition/pipeline-definition.ts';

const all = (command: Command): Command[] => [command, ...command.commands.flatMap(all)];

/** The answer to an invalid command line. */
async function answer(...words: string[]): Promise<string> {
  let text = '';
  const commands = program();
  for (const command of all(commands)) {
    command.configureOutput({
      writeErr: (part) => {
        text += part;
      },
    });
  }
  await commands.parseAsync(words, { from: 'user' }).catch(() => {});
  return text;
}

describe('an unknown word is answered with the nearest known one', () => {
  it.each([
    ['a command', ['rnu'], /unknown command 'rnu'\n\(Did you mean run\?\)/],
    ['a command below another', ['config', 'chekc'], /Did you mean check\?/],
    ['an option', ['run', 'nobel', '--segmets', '4'], /Did you mean --segments\?/],
    [
      'a phase',
      ['run', 'nobel', '--to', 'exract'],
      /There is no such phase \(did you mean "extract"\?\)\. Phases: plan,/,
    ],
  ])('%s', async (_what, words, expected) => {
    expect(await answer(...words)).toMatch(expected);
  });
});

describe('a value out of range is refused, with what was expected', () => {
  it.each([
    [['run', 'nobel', '--segments', '0'], /whole number from 1 to 2000/],
    [['run', 'nobel', '--segments', '4.5'], /whole number from 1 to 2000/],
    [['run', 'nobel', '--run', 'My Run'], /lower-case letters, digits and _/],
    [['retry', 'first', '--segment', 'two'], /the number of a segment/],
    [['retry', 'first', '--segment', '2', '--table', 'nobel'], /cannot be used with option '--segment <n>'/],
  ])('%j', async (words, expected) => {
    expect(await answer(...words)).toMatch(expected);
  });
});

describe('help', () => {
  it('of every command has examples', () => {
    const without = cliPage()
      .split(/^## /m)
      .filter((section) => section.startsWith('`tributary') && !section.includes('$ npx tributary'));
    // Below `local` the examples are in the parent's help.
    expect(without.filter((section) => !section.startsWith('`tributary local '))).toEqual([]);
  });

  it('fits 84 columns', () => {
    const long = cliPage()
      .split('\n')
      .filter((line) => /^ {2}|^\$/.test(line) && line.length > 84);
    expect(long.filter((line) => !line.includes('local') && !line.includes('postgres'))).toEqual([]);
  });

  it('is what docs/cli.md shows: regenerate it with node src/cli/write-cli-page.ts', () => {
    expect(readFileSync('docs/cli.md', 'utf8')).toBe(cliPage());
  });
});

describe('the name of a run', () => {
  it('sorts by time and is valid in keys and identifiers', () => {
    const name = newRunName(new Date(Date.UTC(2026, 10, 21, 6, 46, 17)));
    expect(name).toMatch(/^20261121t064617z_[0-9a-f]{6}$/);
    expect(RunName.parse(name)).toBe(name);
  });
});
