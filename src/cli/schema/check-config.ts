import { ConfigError } from '../../config/config-error.ts';
import { loaderWarnings } from '../../config/loaders/new-table.ts';
import { configPath, readConfig } from '../../config/read-config.ts';
import type { ExpandedConfig } from '../../config/table-patterns.ts';
import type { TributaryConfig } from '../../config/tributary-config.ts';
import { WAREHOUSE } from '../../pipeline/definition/destination.ts';
import type { Destination, Pipeline } from '../../pipeline/definition/pipeline.ts';
import { messageOf } from '../../pipeline/failure/message-of.ts';
import type { LoaderDefinition } from '../../pipeline/loader/loader-definition.ts';
import { checkModules } from '../datasets/check-modules.ts';
import { checkSteps } from '../datasets/check-steps.ts';
import { checkTables } from '../datasets/check-tables.ts';
import { allDatasets } from '../datasets/datasets-here.ts';
import { originOf, partitionOf, tableOf } from '../datasets/list-datasets.ts';
import { expanded } from '../temporal/config-here.ts';
import { counted } from '../terminal/measures.ts';
import { paletteFor } from '../terminal/palette.ts';
import { textTable } from '../terminal/text-table.ts';

/** `tributary config check`: prints the pipelines, loaders and datasets of a valid file. @throws ConfigError with every problem of another, CommandError with those of modules */
export async function checkConfig(config: string | undefined): Promise<void> {
  const file = configPath(config);
  const read = await readConfig(file);
  const colours = paletteFor(process.stdout);
  await checkModules(read, config);
  await checkSteps(read, config);
  await checkTables(read, config);
  const { pipelines, matches } = await matched(read, config);
  const rows = Object.entries(pipelines).flatMap(([name, pipeline]) =>
    Object.entries(pipeline.destinations).map(([destination, each], i) => [
      i === 0 ? name : '',
      i === 0 ? source(pipeline) : '',
      '→',
      target(each),
      ...(destination === WAREHOUSE ? [] : [destination]),
    ]),
  );
  const loaders = Object.entries(read.loaders).map(([name, loader]) => [
    name,
    files(loader),
    '→',
    table(loader),
  ]);
  const datasets = Object.entries(allDatasets(read)).map(([name, dataset]) => [
    name,
    'source' in dataset ? `json ${originOf(dataset)}` : originOf(dataset),
    '→',
    `${[dataset.store.format].flat().join(', ')} ${tableOf(dataset)}, ${dataset.partition.unit === 'all' ? 'without partitions' : partitionOf(dataset)}`,
  ]);
  const counts = [
    ...(rows.length > 0 || loaders.length + datasets.length === 0
      ? [counted(Object.keys(pipelines).length, 'pipeline')]
      : []),
    ...(loaders.length === 0 ? [] : [counted(loaders.length, 'loader')]),
    ...(datasets.length === 0 ? [] : [counted(datasets.length, 'dataset')]),
  ];
  process.stdout.write(`${colours.green('✓')} ${file}: ${counts.join(', ')}\n`);
  print(rows);
  for (const [name, { source: pattern }] of Object.entries(read.patterns)) {
    const found = matches?.[name];
    const what = found === undefined ? 'its tables are not known' : counted(found.length, 'table');
    process.stdout.write(
      `  ${name}  ${colours.dim(`one pipeline per table that matches ${pattern.table}: ${what}`)}\n`,
    );
  }
  print(loaders);
  print(datasets);
  for (const [name, loader] of Object.entries(read.loaders)) {
    for (const warning of loaderWarnings(loader)) {
      process.stderr.write(`${paletteFor(process.stderr).yellow(`note: loader ${name}: ${warning}`)}\n`);
    }
  }
}

function print(rows: readonly (readonly string[])[]): void {
  const cells = Math.max(0, ...rows.map(({ length }) => length));
  const columns = Array.from({ length: cells }, () => ({ title: '' }));
  for (const line of textTable(columns, rows)) process.stdout.write(`  ${line}\n`);
}

/** With the pipelines of patterns; without them, and with a note, if the tables cannot be listed from here. */
async function matched(
  read: TributaryConfig,
  config: string | undefined,
): Promise<Pick<TributaryConfig, 'pipelines'> & Partial<Pick<ExpandedConfig, 'matches'>>> {
  try {
    return await expanded(read, config);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const note = `note: the tables that the patterns match are not checked: ${messageOf(error)}`;
    process.stderr.write(`${paletteFor(process.stderr).yellow(note)}\n`);
    return read;
  }
}

const files = ({ source: { bucket, prefix, match }, format }: LoaderDefinition) =>
  `${format.kind} s3://${bucket}/${prefix}${match}`;
const table = ({ target, merge }: LoaderDefinition) =>
  `redshift ${target.workgroup ?? target.cluster} ${target.database}.${target.schema}.${target.table}` +
  (merge === undefined ? ', appended' : `, merged by ${merge.key.join(', ')}`);

const source = ({ source: { kind, table } }: Pipeline) => `${kind} ${table}`;

function target(destination: Destination): string {
  if (destination.kind === 's3') {
    const { bucket, prefix, format } = destination.settings;
    return `s3 ${bucket}/${prefix}/ ${format}`;
  }
  const { kind, workgroup, cluster, database, schema } = destination.definition.warehouse;
  return `${kind} ${workgroup ?? cluster} ${database}.${schema}`;
}
