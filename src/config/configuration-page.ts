import { inWords, type SchemaNode, schemaAt } from './expected.ts';

/** docs/configuration.md, made from the schema so that it cannot go stale: see write-configuration-page.ts. */

/** @param example the project's own tributary.yaml */
export function configurationPage(example: string): string {
  const pipeline = schemaAt(['pipelines', 'nobel'])!;
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
    'Commands are given as an installed Tributary takes them; in a checkout, put `npx` before them.',
    '',
    '`tributary config check` tells every problem at once, with its line, column and what was expected:',
    '',
    '```',
    'tributary.yaml:9:5 pipelines.nobel.source: Unrecognized key: "tabel" (did you mean "table"?)',
    '```',
    '',
    '`tributary config schema` prints the JSON Schema, with which editors complete and check the file.',
    '',
    'A worker reads the file anew for each run. `tributary run <pipeline> --config other.yaml` sends that',
    "file's pipeline with the run, which then does not depend on the worker's file.",
    '',
    '## `pipelines.<name>`',
    '',
    'The name stands in S3 keys and workflow ids: lower-case letters, digits, `_` and `-`, at most 40, beginning',
    'with a letter.',
    '',
    ...settings(pipeline),
    '',
    ...sections(pipeline, ''),
    '`warehouse.workgroup` or `warehouse.cluster`: exactly one of them.',
    '',
    '## `schedules.<name>`',
    '',
    'When pipelines are run. `tributary schedule apply` makes them so in Temporal; a run that is due while the',
    'one before is under way, or waits for a person, is skipped; what was missed is made good for a day.',
    '',
    ...settings(schemaAt(['schedules', 'nightly'])!),
    '',
    'Exactly one of `cron` and `every`.',
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

/** A section for each map below this one; `<path>` stands where the writer chooses the keys. */
function sections(node: SchemaNode, parent: string): string[] {
  return Object.entries(node.properties ?? {}).flatMap(([key, child]) => {
    const free = child.additionalProperties;
    const [map, name] =
      typeof free === 'object' ? [free, `${parent}${key}.<path>`] : [child, `${parent}${key}`];
    if (map.properties === undefined) return [];
    const words = [child.description ?? '', '', ...settings(map), ''];
    return [`## \`${name}\``, '', ...words, ...sections(map, `${name}.`)];
  });
}

function settings(node: SchemaNode): string[] {
  const rows = Object.entries(node.properties ?? {}).map(([key, child]) => {
    const required = node.required?.includes(key);
    return `| \`${key}\` | ${kind(child)} | ${required ? 'required' : defaultText(child)} | ${child.description ?? ''} |`;
  });
  return ['| setting | is | default | means |', '|---|---|---|---|', ...rows];
}

const kind = (node: SchemaNode): string =>
  node.type === 'object' ? 'a map, see below' : inWords(node).replaceAll('"', '`');

/** The default of a map is that of its settings. */
function defaultText({ default: value }: SchemaNode): string {
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (value === undefined || isMap) return '';
  return `\`${JSON.stringify(value).replaceAll('"', '')}\``;
}

function environment(): string[] {
  return [
    '| variable | is |',
    '|---|---|',
    '| `TRIBUTARY_CONFIG` | the configuration file |',
    "| `TRIBUTARY_TEMPORAL_ADDRESS` | host:port of a Temporal server without TLS; all of Temporal's own variables are then left aside |",
    '| `TRIBUTARY_TEMPORAL_NAMESPACE` | its namespace; `default` where it is not set |',
    '| `TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, `TEMPORAL_API_KEY`, `TEMPORAL_PROFILE`, `TEMPORAL_TLS…` | without those two: as for the `temporal` CLI, also Temporal Cloud; `127.0.0.1:7233` where nothing is set |',
    '| `TRIBUTARY_DYNAMODB_ENDPOINT`, `TRIBUTARY_S3_ENDPOINT`, `TRIBUTARY_REDSHIFT_DATA_ENDPOINT` | URLs of stand-ins for the three services |',
    "| `TRIBUTARY_REDSHIFT_DATA_CALLS_PER_SECOND` | where an account's quotas are not AWS's: calls a second by operation, as `BatchExecuteStatement=40,CancelStatement=6` ([which](operating.md#the-data-apis-limits)) |",
    '| `TRIBUTARY_REDSHIFT_DATA_ACTIVE_STATEMENTS` | likewise, how many statements may be under way at once; `200` where it is not set |',
    '| `TRIBUTARY_EXTRACT_SLOTS` | the number of segments a worker extracts at once; default: one per core |',
    '| `TRIBUTARY_METRICS_ADDRESS` | IP address and port, e.g. `0.0.0.0:9464`, where a worker gives its metrics to Prometheus (`/metrics`); none where it is not set |',
    '| `AWS_REGION`, `AWS_PROFILE`, `AWS_ACCESS_KEY_ID`, … | as for every AWS SDK |',
    '',
    'Where none of the `TRIBUTARY_` addresses, `TEMPORAL_ADDRESS` and `TEMPORAL_PROFILE` is set and a local stack',
    '(`tributary local start`) runs beside the configuration file, or else in the working directory, the commands',
    "use that stack's addresses, and say so. A `TEMPORAL_ADDRESS` that is that stack's own may stay set for the stock CLI.",
  ];
}
