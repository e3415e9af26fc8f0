import { dirname, resolve } from 'node:path';
import { configPath, readConfig } from '../../config/read-config.ts';
import { bundleModule } from '../../modules/bundle-module.ts';
import { ModuleUnusable } from '../../modules/module-unusable.ts';
import { RecordModule } from '../../modules/record-module.ts';
import type { TableDefinition } from '../../pipeline/datasets/catalogue/catalogue-table.ts';
import { type Connections, connections } from '../../pipeline/datasets/catalogue/connections.ts';
import { datasetTable } from '../../pipeline/datasets/catalogue/dataset-table.ts';
import { tableName } from '../../pipeline/datasets/catalogue/plan-table.ts';
import type { DatasetDefinition } from '../../pipeline/datasets/definition.ts';
import { misfitsOfModule } from '../../pipeline/datasets/partitions/partition-rule.ts';
import { didYouMean } from '../../pipeline/text/nearest.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { counted } from '../terminal/measures.ts';

export interface CatalogueOptions {
  readonly schema?: string;
  readonly role?: string;
  readonly json?: boolean;
  readonly config?: string;
}

/** `tributary dataset catalogue`: how engines and BI tools read a dataset's table. @throws CommandError, ConfigError */
export async function showCatalogue(name: string, options: CatalogueOptions): Promise<ExitCode> {
  const config = configPath(options.config);
  const { datasets } = await readConfig(config);
  const definition = Object.hasOwn(datasets, name) ? datasets[name] : undefined;
  if (definition === undefined)
    throw new CommandError(
      ExitCode.usage,
      `No dataset "${name}" in ${config}${didYouMean(name, Object.keys(datasets))}.`,
    );
  const { catalogue } = definition.store;
  if (catalogue.kind === 'none')
    throw new CommandError(
      ExitCode.usage,
      `Dataset ${name} has no catalogue: set datasets.${name}.store.catalogue, e.g. { kind: glue, database: lake, table: ${name} }.`,
    );
  const table = await tableOf(name, definition, resolve(dirname(config), definition.records));
  const { AWS_REGION, AWS_DEFAULT_REGION } = process.env;
  const region = catalogue.region || AWS_REGION || AWS_DEFAULT_REGION || undefined;
  const found = connections(catalogue, {
    partitionKeys: table.partitionKeys,
    region,
    schema: options.schema ?? catalogue.database,
    role: options.role,
    day: new Date(Date.now() - 86_400_000).toISOString().slice(0, 10),
  });
  const text = options.json
    ? JSON.stringify({ table: tableName(catalogue), ...table, ...found })
    : catalogueText(tableName(catalogue), table, found);
  process.stdout.write(`${text}\n`);
  return ExitCode.done;
}

async function tableOf(name: string, definition: DatasetDefinition, file: string): Promise<TableDefinition> {
  try {
    const module = await RecordModule.load(await bundleModule(file), {
      file,
      timezone: definition.partition.timezone,
      limits: definition.limits,
    });
    try {
      const misfits = misfitsOfModule(definition, module.columns);
      if (misfits.length === 0) return datasetTable(name, definition, module.columns);
      throw new CommandError(ExitCode.usage, misfits.map((each) => `datasets.${name}.${each}`).join('\n'));
    } finally {
      await module.close();
    }
  } catch (error) {
    if (error instanceof ModuleUnusable)
      throw new CommandError(ExitCode.usage, error.message, { cause: error });
    throw error;
  }
}

function catalogueText(
  name: string,
  table: TableDefinition,
  { athena, redshift, sources }: Connections,
): string {
  const keys = table.partitionKeys.map((column) => `${column.name} (${column.type})`).join(', ');
  const indented = (text: string) => text.replaceAll(/^(?=.)/gm, '  ');
  return [
    `${name} in the Glue catalogue: ${counted(table.columns.length, 'column')}, partitioned by ${keys}`,
    `Files in ${table.location}`,
    ...['', 'Athena', indented(athena)],
    ...['', 'Redshift', indented(redshift)],
    ...['', 'BI tools', ...sources.map((source) => `  ${source.name.padEnd(15)} ${source.value}`)],
  ].join('\n');
}
