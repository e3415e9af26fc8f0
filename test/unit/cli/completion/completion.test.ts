import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { completionScript } from '../../../../src/cli/completion/completion-script.ts';
import { program } from '../../../../src/cli/program.ts';

/** Prints what each shell offers for the last of these words, one per line. */
const SHELLS = {
  bash: `source ./script
COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 ))
_tributary
printf '%s\\n' "\${COMPREPLY[@]}"`,
  // The builtins work in a line editor only.
  zsh: `compdef() { : }
compadd() { print -l -- \${@:2} }
_describe() { print -l -- \${\${(P)2}%%:*} }
_files() { print -l -- \${words[CURRENT]}*(N) }
source ./script
words=("$@"); CURRENT=$#
_tributary`,
  fish: `source ./script
complete -C "$argv[1]" | string replace -r '\\t.*' ''
true`,
} as const;

type Shell = keyof typeof SHELLS;

const isInstalled = (shell: Shell) => spawnSync(shell, ['-c', 'true']).status === 0;

const PIPELINES = `# pipelines: none here
defaults:
  staging: { bucket: b }
pipelines: # all
  # comment
    # comment
  orders:
    source: { table: orders }
  "quoted-one":
    mapping:
      columns:
        pipelines: { ignore: true }

  prod: { source: { table: "prod-*" } }
loaders:
  quakes: { source: { bucket: landing } }
  weather:
    source: { bucket: landing }
schedules:
  nightly: { pipeline: orders }
`;

for (const shell of Object.keys(SHELLS) as Shell[]) {
  // A machine may have none of a shell: the tests of it are then skipped.
  const suite = isInstalled(shell) ? describe : describe.skip;
  suite(`in ${shell}`, () => {
    const directory = mkdtempSync(join(tmpdir(), 'tributary-completion-'));
    afterAll(() => rmSync(directory, { recursive: true }));
    beforeAll(() => {
      writeFileSync(join(directory, 'script'), completionScript(shell, program()));
      writeFileSync(join(directory, 'ask'), SHELLS[shell]);
      writeFileSync(join(directory, 'tributary.yaml'), PIPELINES);
      writeFileSync(join(directory, 'other.yaml'), 'pipelines:\n    another:\n        source: {}\n');
    });

    function offered(...words: string[]): string[] {
      const all = ['tributary', ...words];
      const given = shell === 'fish' ? [all.join(' ')] : all;
      const options = shell === 'zsh' ? ['-f'] : [];
      const { TRIBUTARY_CONFIG: _, ...env } = process.env;
      const text = execFileSync(shell, [...options, './ask', ...given], {
        cwd: directory,
        env,
        encoding: 'utf8',
      });
      const last = words.at(-1) ?? '';
      // Zsh itself drops what does not begin like the word.
      return [...new Set(text.split('\n'))].filter((word) => word !== '' && word.startsWith(last)).sort();
    }

    it('commands', () => {
      expect(offered('')).toEqual(
        program()
          .commands.map((command) => command.name())
          .sort(),
      );
      expect(offered('ru')).toEqual(['run', 'runs']);
      expect(offered('config', '')).toEqual(['check', 'schema']);
    });

    it('options, and what follows them', () => {
      expect(offered('run', '--a')).toEqual(['--accept-drift', '--all', '--at-once']);
      expect(offered('run', 'orders', '--from', 's')).toEqual(['seal']);
      expect(offered('plan', '--format', '')).toEqual(['markdown', 'text']);
      expect(offered('config', 'check', '--config', 'o')).toEqual(['other.yaml']);
    });

    it('the loaders of the file', () => {
      expect(offered('loader', 'status', '')).toEqual(['quakes', 'weather']);
      expect(offered('loader', 'retry', 'q')).toEqual(['quakes']);
      expect(offered('loader', 'files', 'quakes', '--state', 'al')).toEqual(['already-loaded']);
    });

    it('the pipelines of the file', () => {
      expect(offered('run', '')).toEqual(['orders', 'prod', 'quoted-one']);
      expect(offered('runs', 'prune', 'o')).toEqual(['orders']);
      expect(offered('doctor', '--pipeline', 'q')).toEqual(['quoted-one']);
      expect(offered('run', '--config', 'other.yaml', '')).toEqual(['another']);
    });
  });
}
