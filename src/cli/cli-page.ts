import type { Command } from 'commander';
import { program } from './program.ts';
import { TRIBUTARY } from './terminal/invocation.ts';

/** docs/cli.md, made of the commands' own help so that it cannot go stale: see write-cli-page.ts. */

const COLUMNS = 80;

export function cliPage(): string {
  const tributary = program(COLUMNS);
  return [
    '<!-- Made by src/cli/write-cli-page.ts from the commands themselves: change those, not this file. -->',
    '# Command line',
    '',
    `In a checkout every command is \`${TRIBUTARY} …\`; installed, it is \`tributary …\`. Commands in messages`,
    'are printed so that they run the same installation from the same directory. Supervisors (systemd,',
    'containers) start `node bin/tributary.js …`, because npx does not pass signals on.',
    '',
    'A run is named by its run name or by its workflow id. Words that are not known (commands, options, phases,',
    'pipelines, runs) are answered with the nearest known one. Colours are left out off a terminal and with',
    '`NO_COLOR`. What was asked for goes to stdout, everything else to stderr.',
    '',
    '## Exit codes',
    '',
    '| code | means |',
    '|---|---|',
    '| 0 | done: replaced, or the phase asked for with `--to` was reached |',
    '| 1 | failed: the run, or Temporal cannot be reached |',
    '| 2 | the command, the configuration or the environment is wrong |',
    '| 3 | the run waits for a person: `status`, and `--wait` off a terminal |',
    '| 4 | done, and the schema drifted: only where the pipeline says `onDrift: report` |',
    '| 130 | interrupted; a run that was started goes on |',
    '',
    ...sections(tributary, ''),
  ].join('\n');
}

function sections(command: Command, parents: string): string[] {
  const name = `${parents} ${command.name()}`.trim();
  const own = ['', `## \`${name}\``, '', '```', helpOf(command), '```'];
  const below = command.commands
    .filter((each) => each.name() !== 'help')
    .flatMap((each) => sections(each, name));
  return [...(parents === '' ? own.slice(1) : own), ...below, ...(parents === '' ? [''] : [])];
}

/** The whole help, examples included. */
function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
    getOutHelpWidth: () => COLUMNS,
  });
  command.outputHelp();
  return text.trimEnd();
}
