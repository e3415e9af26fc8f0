import { Argument, Command } from 'commander';
import { TRIBUTARY } from '../terminal/invocation.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

const examples = `
Examples:
  $ ${TRIBUTARY} completion bash >> ~/.bashrc
  $ ${TRIBUTARY} completion zsh > "\${fpath[1]}/_tributary"
  $ ${TRIBUTARY} completion fish > ~/.config/fish/completions/tributary.fish

Completes commands, options, phases and the names of the pipelines in tributary.yaml (or in the
file of --config or TRIBUTARY_CONFIG). The script is complete in itself: pressing Tab starts no
program but awk. Print it again after an upgrade. It completes the word tributary: if you type
something else, define an alias of that name.
`;

/** `tributary completion bash|zsh|fish` */
export function completionCommand(): Command {
  return new Command('completion')
    .description('print a script that completes commands, options and pipelines in a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .addHelpText('after', examples)
    .action(async (shell: Shell, _options: unknown, command: Command) => {
      const { completionScript } = await import('../completion/completion-script.ts');
      process.stdout.write(completionScript(shell, command.parent ?? command));
    });
}
