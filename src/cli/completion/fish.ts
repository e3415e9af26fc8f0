import { type CompletedCommand, type CompletedValue, quoted } from './command-tree.ts';
import { configuredNames } from './configured-names.ts';

/** Completion for fish. */
export function fishCompletion(commands: readonly CompletedCommand[]): string {
  const below = commands.filter(({ path }) => path !== '').map(({ path }) => `'${path}'`);
  return `# fish completion of tributary: tributary completion fish | source
function __tributary_at
    set -l at
    for word in (commandline -opc)[2..-1]
        switch (string join ' ' -- $at $word)
            case ${below.join(' ')}
                set -a at $word
        end
    end
    test "$at" = "$argv[1]"
end

function __tributary_names
    set -l file tributary.yaml
    set -q TRIBUTARY_CONFIG; and set file $TRIBUTARY_CONFIG
    set -l words (commandline -opc)
    set -l i (contains -i -- --config $words); and set -q words[(math $i + 1)]; and set file $words[(math $i + 1)]
    ${configuredNames('$argv[1]', '$file')}
end

complete -c tributary -f
${commands.flatMap(linesOf).join('\n')}
`;
}

function linesOf({ path, subcommands, options, takes }: CompletedCommand): string[] {
  const here = `complete -c tributary -n "__tributary_at '${path}'"`;
  return [
    ...subcommands.map(({ name, description }) => `${here} -a ${name} -d ${quoted(description)}`),
    ...(takes === undefined ? [] : [`${here} -a '(__tributary_names ${takes}s)' -d ${takes}`]),
    ...options.map(
      ({ name, description, value }) =>
        `${here} -l ${name.replace(/^--/, '')}${afterOption(value)} -d ${quoted(description)}`,
    ),
  ];
}

function afterOption(value: CompletedValue | undefined): string {
  switch (value?.kind) {
    case undefined:
      return '';
    case 'word':
      return ` -x -a '${value.words.join(' ')}'`;
    case 'pipeline':
    case 'loader':
      return ` -x -a '(__tributary_names ${value.kind}s)'`;
    case 'file':
      return ' -r -F';
    case 'directory':
      return " -x -a '(__fish_complete_directories)'";
    case 'any':
      return ' -x';
  }
}
