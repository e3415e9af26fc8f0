import type { Command } from 'commander';
import { bashCompletion } from './bash.ts';
import { completedCommands } from './command-tree.ts';
import { fishCompletion } from './fish.ts';
import { zshCompletion } from './zsh.ts';

const SCRIPTS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;

/** The script that a shell loads. @param program the root of all commands */
export const completionScript = (shell: keyof typeof SCRIPTS, program: Command): string =>
  SCRIPTS[shell](completedCommands(program));
