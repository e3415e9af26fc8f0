import { inWords, type SchemaNode, schemaAt } from './expected.ts';

/** docs/configuration.md, made from the schema so that it cannot go stale: see write-configuration-page.ts. */

const SECTIONS = ['source', 'staging', 'warehouse'] as const;

/** @param example the project's own tributary.yaml */
export function configurationPage(example: string): string {
  const pipeline = schemaAt(['pipelines', 'nobel'])!;
  const own = Object.entries(pipeline.properties ?? {}).filter(
    ([key]) => !SECTIONS.some((name) => name === key),
  );
  return [
    '<!-- Made by src/config/write-configuration-page.ts. Change the schema or that page, not this file. -->',
    '# Configuration',
    '',
    'One YAML file holds all pipelines. Which file: `--config`, else `TRIBUTARY_CONFIG`, else `./tributary.yaml`.',
    '',
    '```yaml',
    example.trimEnd(),
    '```',
    '',
    '`npx tributary config check` tells every problem at once, with its line, column and what was expected:',
    '',
    '```',
    'tributary.yaml:9:5 pipelines.nobel.source: Unrecognized key: "tabel" (did you mean "table"?)',
    '```',
    '',
    '`npx tributary config schema` prints the JSON Schema, with which editors complete and check the file.',
    '',
    'A worker reads the file anew for each run. `npx tributary run <pipeline> --config other.yaml` sends that',
    "file's pipeline with the run, which then does not depend on the worker's file.",
    '',
    '## `pipelines.<name>`',
    '',
    'The name stands in S3 keys and workflow ids: lower-case letters, digits, `_` and `-`, at most 40, beginning',
    'with a letter.',
    '',
    ...settings(
      own.map(([key, node]) => [key, node]),
      pipeline.required ?? [],
    ),
    '',
    ...SECTIONS.flatMap((name) => section(name, pipeline.properties![name]!)),
    '`workgroup` or `cluster`: exactly one of them.',
    '',
    '## YAML',
    '',
    'YAML 1.2: `on`, `off`, `yes` and `no` are text. Anchors, aliases and merge keys (`<<`) may repeat parts. A key',
    'that stands twice, a tab that indents, and a second document in the file are refused.',
    '',
    '## Addresses and credentials',
    '',
    'Neither stands in the file, and what looks like a credential there is refused.',
    '',
    ...environment(),
    '',
    "Credentials come from AWS's default chain: environment variables, a profile, the role of the host or container.",
    'A database password stays in AWS Secrets Manager and is named by `warehouse.secretArn`. Against AWS no endpoint',
    'is set.',
    '',
  ].join('\n');
}

function section(name: string, node: SchemaNode): string[] {
  return [
    `## \`${name}\``,
    '',
    `${node.description}`,
    '',
    ...settings(Object.entries(node.properties ?? {}), node.required ?? []),
    '',
  ];
}

function settings(
  entries: readonly (readonly [string, SchemaNode])[],
  required: readonly string[],
): string[] {
  const rows = entries.map(([key, node]) => {
    const without = required.includes(key)
      ? 'required'
      : node.default === undefined
        ? ''
        : `\`${JSON.stringify(node.default).replaceAll('"', '')}\``;
    return `| \`${key}\` | ${inWords(node).replaceAll('"', '`')} | ${without} | ${node.description ?? ''} |`;
  });
  return ['| setting | is | default | means |', '|---|---|---|---|', ...rows];
}

function environment(): string[] {
  return [
    '| variable | is |',
    '|---|---|',
    '| `TRIBUTARY_CONFIG` | the configuration file |',
    "| `TRIBUTARY_TEMPORAL_ADDRESS` | host:port of Temporal's frontend; `127.0.0.1:7233` where it is not set |",
    '| `TRIBUTARY_TEMPORAL_NAMESPACE` | its namespace; `default` where it is not set |',
    '| `TRIBUTARY_DYNAMODB_ENDPOINT`, `TRIBUTARY_S3_ENDPOINT`, `TRIBUTARY_REDSHIFT_DATA_ENDPOINT` | URLs of stand-ins for the three services |',
    '| `AWS_REGION`, `AWS_PROFILE`, `AWS_ACCESS_KEY_ID`, … | as for every AWS SDK |',
    '',
    'Where none of the `TRIBUTARY_` addresses is set and a local stack runs beside the configuration file',
    "(`npx tributary local start`), the commands use that stack's addresses, and say so.",
  ];
}
