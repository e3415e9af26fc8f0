import { type CompletedCommand, type CompletedValue, quoted } from './command-tree.ts';
import { pipelineNames } from './pipeline-names.ts';

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

function __tributary_pipelines
    set -l file tributary.yaml
    set -q TRIBUTARY_CONFIG; and set file $TRIBUTARY_CONFIG
    set -l words (commandline -opc)
    set -l i (contains -i -- --config $words); and set -q words[(math $i + 1)]; and set file $words[(math $i + 1)]
    ${pipelineNames('$file')}
end

complete -c tributary -f
${commands.flatMap(linesOf).join('\n')}
`;
}

function linesOf({ path, subcommands, options, takesPipeline }: CompletedCommand): string[] {
  const here = `complete -c tributary -n "__tributary_at '${path}'"`;
  return [
    ...subcommands.map(({ name, description }) => `${here} -a ${name} -d ${quoted(description)}`),
    ...(takesPipeline ? [`${here} -a '(__tributary_pipelines)' -d pipeline`] : []),
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
      return " -x -a '(__tributary_pipelines)'";
    case 'file':
      return ' -r -F';
    case 'directory':
      return " -x -a '(__fish_complete_directories)'";
    case 'any':
      return ' -x';
  }
}
