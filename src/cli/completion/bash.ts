import { type CompletedCommand, type CompletedValue, optionsWithValue } from './command-tree.ts';
import { configuredNames, type Named } from './configured-names.ts';

/** Completion for bash, from 3.2 on, which macOS has. */
export function bashCompletion(commands: readonly CompletedCommand[]): string {
  const below = commands.filter(({ path }) => path !== '').map(({ path }) => asCase(path));
  return `# bash completion of tributary: eval "$(tributary completion bash)"
_tributary_names() {
  ${configuredNames('"$1"', '"$2"')}
}

_tributary() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}"
  local at="" file="\${TRIBUTARY_CONFIG:-tributary.yaml}" words="" i
  for ((i = 1; i < COMP_CWORD; i++)); do
    [ "\${COMP_WORDS[i-1]}" = --config ] && file="\${COMP_WORDS[i]}"
    case "\${at:+$at }\${COMP_WORDS[i]}" in
      ${below.join(' | ')}) at="\${at:+$at }\${COMP_WORDS[i]}" ;;
    esac
  done
  COMPREPLY=()
  case "$at/$prev" in
${optionsWithValue(commands)
  .map(({ at, value }) => `    ${asCase(at)}) ${replyWith(value)}; return ;;`)
  .join('\n')}
  esac
  case "$at" in
${commands.map((each) => `    ${asCase(each.path)}) ${wordsOf(each)} ;;`).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -F _tributary tributary
`;
}

const names = (kind: Named): string => `$(_tributary_names ${kind}s "$file")`;

const asCase = (text: string): string => `"${text}"`;

function replyWith(value: CompletedValue): string {
  switch (value.kind) {
    case 'word':
      return `COMPREPLY=($(compgen -W "${value.words.join(' ')}" -- "$cur"))`;
    case 'pipeline':
    case 'loader':
      return `COMPREPLY=($(compgen -W "${names(value.kind)}" -- "$cur"))`;
    case 'file':
      return 'COMPREPLY=($(compgen -f -- "$cur")); compopt -o filenames 2>/dev/null';
    case 'directory':
      return 'COMPREPLY=($(compgen -d -- "$cur")); compopt -o filenames 2>/dev/null';
    case 'any':
      return ':';
  }
}

/** Options are offered once the word begins with a dash, or if nothing else can follow. */
function wordsOf({ subcommands, options, takes }: CompletedCommand): string {
  const flags = options.map(({ name }) => name).join(' ');
  const following = [
    ...subcommands.map(({ name }) => name),
    ...(takes === undefined ? [] : [names(takes)]),
  ].join(' ');
  return following === ''
    ? `words="${flags}"`
    : `case "$cur" in -*) words="${flags}" ;; *) words="${following}" ;; esac`;
}
