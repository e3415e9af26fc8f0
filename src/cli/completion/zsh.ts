import {
  type CompletedCommand,
  type CompletedValue,
  type Described,
  optionsWithValue,
  quoted,
} from './command-tree.ts';
import { configuredNames, type Named } from './configured-names.ts';

/** Completion for zsh: loaded from a file `_tributary` in fpath, or evaluated after compinit. */
export function zshCompletion(commands: readonly CompletedCommand[]): string {
  const below = commands.filter(({ path }) => path !== '').map(({ path }) => `"${path}"`);
  return `#compdef tributary
# zsh completion of tributary: source <(tributary completion zsh), after compinit
_tributary_names() {
  ${configuredNames('"$1"', '"$2"')}
}

_tributary() {
  local cur="\${words[CURRENT]}" prev="\${words[CURRENT-1]}" at="" file="\${TRIBUTARY_CONFIG:-tributary.yaml}" i
  local -a found
  for ((i = 2; i < CURRENT; i++)); do
    [[ "\${words[i-1]}" == --config ]] && file="\${words[i]}"
    case "\${at:+$at }\${words[i]}" in
      (${below.join('|')}) at="\${at:+$at }\${words[i]}" ;;
    esac
  done
  case "$at/$prev" in
${optionsWithValue(commands)
  .map(({ at, value }) => `    ("${at}") ${replyWith(value)}; return ;;`)
  .join('\n')}
  esac
  case "$at" in
${commands.map((each) => `    ("${each.path}") ${foundOf(each)} ;;`).join('\n')}
  esac
}

if [[ "\${funcstack[1]}" == _tributary ]]; then _tributary "$@"; else compdef _tributary tributary; fi
`;
}

function replyWith(value: CompletedValue): string {
  switch (value.kind) {
    case 'word':
      return `compadd -- ${value.words.join(' ')}`;
    case 'pipeline':
    case 'loader':
      return namesAdded(value.kind);
    case 'file':
      return '_files';
    case 'directory':
      return '_files -/';
    case 'any':
      return ':';
  }
}

function foundOf({ subcommands, options, takes }: CompletedCommand): string {
  const flags = `found=(${options.map(described).join(' ')}); _describe option found`;
  const names = [
    ...(subcommands.length === 0
      ? []
      : [`found=(${subcommands.map(described).join(' ')}); _describe command found`]),
    ...(takes === undefined ? [] : [namesAdded(takes)]),
  ].join('; ');
  return names === '' ? flags : `if [[ "$cur" == -* ]]; then ${flags}; else ${names}; fi`;
}

const namesAdded = (kind: Named): string => `compadd -- $(_tributary_names ${kind}s "$file")`;

const described = ({ name, description }: Described): string =>
  quoted(`${name}:${description.replaceAll(':', '')}`);
