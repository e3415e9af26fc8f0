import { configPath } from '../../config/read-config.ts';
import { bundleModule } from '../../modules/bundle-module.ts';
import { ModuleUnusable } from '../../modules/module-unusable.ts';
import { RecordModule } from '../../modules/record-module.ts';
import type { TableDefinition } from '../../pipeline/datasets/catalogue/catalogue-table.ts';
import { type Connections, connections, valuesOfDay } from '../../pipeline/datasets/catalogue/connections.ts';
import { type DescribedColumn, datasetTable } from '../../pipeline/datasets/catalogue/dataset-table.ts';
import { tableName } from '../../pipeline/datasets/catalogue/plan-table.ts';
import type { DatasetDefinition } from '../../pipeline/datasets/definition.ts';
import type { FetchedDefinition } from '../../pipeline/datasets/derived/fetched-definition.ts';
import { declaredColumns } from '../../pipeline/datasets/derived/result-columns.ts';
import { misfitsOfModule } from '../../pipeline/datasets/partitions/partition-rule.ts';
import { didYouMean } from '../../pipeline/text/nearest.ts';
import { chosenLocalStack, useLocalStack } from '../temporal/command-context.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { counted } from '../terminal/measures.ts';
import { type AnyDataset, allDatasetsHere, moduleFile } from './datasets-here.ts';

export interface CatalogueOptions {
  readonly check?: boolean;
  readonly schema?: string;
  readonly role?: string;
  readonly json?: boolean;
  readonly config?: string;
}

/**
 * `tributary dataset catalogue`: how engines and BI tools read a dataset's table; with `check`, whether a run would accept it.
 * @throws CommandError, ConfigError; with `check` also Terminal and Transient
 */
export async function showCatalogue(name: string, options: CatalogueOptions): Promise<ExitCode> {
  const config = configPath(options.config);
  const known = await allDatasetsHere(options.config);
  const definition = Object.hasOwn(known, name) ? known[name] : undefined;
  if (definition === undefined)
    throw new CommandError(
      ExitCode.usage,
      `No dataset "${name}" in ${config}${didYouMean(name, Object.keys(known))}.`,
    );
  const { catalogue } = definition.store;
  if (catalogue.kind === 'none')
    throw new CommandError(
      ExitCode.usage,
      `Dataset ${name} has no catalogue: set datasets.${name}.store.catalogue, e.g. { kind: glue, database: lake, table: ${name} }.`,
    );
  const columns = await catalogueColumns(name, definition, options.config);
  const table = datasetTable(name, definition, columns);
  if (options.check) {
    const { checkCatalogue } = await import('./check-catalogue.ts');
    useLocalStack(chosenLocalStack(options.config));
    const check = await checkCatalogue(catalogue, table, catalogue.region);
    process.stdout.write(`${options.json ? JSON.stringify(check) : check.message}\n`);
    return check.state.startsWith('Catalogue') ? ExitCode.failed : ExitCode.done;
  }
  const { AWS_REGION, AWS_DEFAULT_REGION } = process.env;
  const found = connections(catalogue, {
    partitionKeys: table.partitionKeys,
    region: catalogue.region || AWS_REGION || AWS_DEFAULT_REGION || undefined,
    schema: options.schema ?? catalogue.database,
    role: options.role,
    values: valuesOfDay(definition.partition, new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)),
  });
  const text = options.json
    ? JSON.stringify({ table: tableName(catalogue), ...table, ...found })
    : catalogueText(tableName(catalogue), table, found);
  process.stdout.write(`${text}\n`);
  return ExitCode.done;
}

/** The columns of a dataset, as its table has them. @throws CommandError if its module is not usable */
export async function catalogueColumns(
  name: string,
  definition: AnyDataset,
  config: string | undefined,
): Promise<readonly DescribedColumn[]> {
  return 'inputs' in definition
    ? declaredColumns(definition)
    : moduleColumns(name, definition, moduleFile(definition, config));
}

async function moduleColumns(
  name: string,
  definition: DatasetDefinition | FetchedDefinition,
  file: string,
): Promise<readonly DescribedColumn[]> {
  try {
    const module = await RecordModule.load(await bundleModule(file), {
      file,
      timezone: definition.partition.timezone,
      limits: 'fetch' in definition ? fetchLimits(definition) : definition.limits,
    });
    try {
      const misfits = 'fetch' in definition ? [] : misfitsOfModule(definition, module.columns);
      if (misfits.length === 0) return module.columns;
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

const fetchLimits = ({ limits: { memoryMegabytes, seconds } }: FetchedDefinition) => ({
  memoryMegabytes,
  blockSeconds: seconds,
});

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
