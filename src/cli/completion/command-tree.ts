import type { Command, Option } from 'commander';
import { PHASES } from '../../contract/refresh.ts';
import type { Named } from './configured-names.ts';

/** All commands as plain data, from which the completion of each shell is generated. */

/** A command: `runs prune`; the program itself has the empty path. */
export interface CompletedCommand {
  readonly path: string;
  readonly subcommands: readonly Described[];
  readonly options: readonly CompletedOption[];
  /** What its arguments are names of. */
  readonly takes: Named | undefined;
}

export interface Described {
  readonly name: string;
  /** On one line. */
  readonly description: string;
}

interface CompletedOption extends Described {
  /** What follows it; undefined if nothing does. */
  readonly value?: CompletedValue | undefined;
}

export type CompletedValue =
  | { readonly kind: Named | 'file' | 'directory' | 'any' }
  | { readonly kind: 'word'; readonly words: readonly string[] };

const NAMED: Readonly<Record<string, Named>> = {
  ...{
    pipeline: 'pipeline',
    pipelines: 'pipeline',
    version: 'pipeline',
    before: 'pipeline',
    after: 'pipeline',
  },
  ...{ loader: 'loader', loaders: 'loader' },
};

/** @param program the root */
export function completedCommands(program: Command): CompletedCommand[] {
  return commandsBelow(program, '', program.options);
}

function commandsBelow(command: Command, path: string, everywhere: readonly Option[]): CompletedCommand[] {
  const subcommands = command.commands.filter((each) => each.name() !== 'help');
  const options = [...command.options, ...(path === '' ? [] : everywhere)];
  const own: CompletedCommand = {
    path,
    subcommands: subcommands.map((each) => ({
      name: each.name(),
      description: onOneLine(each.description()),
    })),
    options: [
      ...options.map((option) => ({
        name: option.long ?? option.flags,
        description: onOneLine(option.description),
        value: afterOption(option),
      })),
      { name: '--help', description: 'show the options and examples' },
    ],
    takes: command.registeredArguments.flatMap((argument) => NAMED[argument.name()] ?? [])[0],
  };
  const below = subcommands.flatMap((each) =>
    commandsBelow(each, `${path} ${each.name()}`.trim(), everywhere),
  );
  return [own, ...below];
}

/** What follows an option, by the name of its value. */
function afterOption(option: Option): CompletedValue | undefined {
  const name = /<([^>.]+)/.exec(option.flags)?.[1];
  if (name === undefined) return undefined;
  if (option.argChoices !== undefined) return { kind: 'word', words: option.argChoices };
  if (name === 'phase') return { kind: 'word', words: PHASES };
  if (name === 'file' || name === 'directory') return { kind: name };
  return { kind: option.long === '--pipeline' ? 'pipeline' : 'any' };
}

const onOneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();

/** The commands whose next word is completed in this way, by option: `run/--from`. */
export function optionsWithValue(
  commands: readonly CompletedCommand[],
): { readonly at: string; readonly value: CompletedValue }[] {
  return commands.flatMap(({ path, options }) =>
    options.flatMap(({ name, value }) => (value === undefined ? [] : [{ at: `${path}/${name}`, value }])),
  );
}

/** A text in single quotes, for any of the shells. */
export const quoted = (text: string): string => `'${text.replaceAll('\\', '').replaceAll("'", '’')}'`;
