import { configPath } from '../../config/read-config.ts';
import type { DatasetDefinition } from '../../pipeline/datasets/definition.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { paletteFor } from '../terminal/palette.ts';
import { textTable } from '../terminal/text-table.ts';
import { type AnyDataset, allDatasetsHere } from './datasets-here.ts';

/** `tributary dataset list`: the datasets of the configuration. */
export async function listDatasets({
  json = false,
  config,
}: {
  readonly json?: boolean;
  readonly config?: string;
}): Promise<ExitCode> {
  const datasets = Object.entries(await allDatasetsHere(config));
  if (json)
    for (const [name, each] of datasets) process.stdout.write(`${JSON.stringify({ name, ...each })}\n`);
  else if (datasets.length === 0)
    throw new CommandError(
      ExitCode.usage,
      `${configPath(config)} has no datasets. docs/datasets.md describes one, to write below \`datasets:\`.`,
    );
  else {
    const rows = datasets.map(([name, each]) => [
      name,
      originOf(each),
      '→',
      tableOf(each),
      partitionOf(each),
    ]);
    const titles = ['name', 'made of', '', 'table', 'partitions'].map((title) => ({ title }));
    for (const line of textTable(titles, rows, paletteFor(process.stdout).dim))
      process.stdout.write(`${line}\n`);
  }
  return ExitCode.done;
}

/** What it is made of: files, other datasets, or what a function fetches. */
export function originOf(definition: AnyDataset): string {
  if ('inputs' in definition) return Object.keys(definition.inputs).join(', ');
  return 'fetch' in definition ? definition.fetch : filesOf(definition);
}

const filesOf = ({ source: { bucket, prefix, match } }: DatasetDefinition): string =>
  `s3://${bucket}/${prefix}${match}`;
export const tableOf = ({ store: { bucket, prefix } }: AnyDataset): string => `s3://${bucket}/${prefix}/`;
export const partitionOf = ({ partition }: AnyDataset): string => {
  if (partition.unit === 'all') return 'none';
  const columns = ('columns' in partition ? partition.columns : undefined) ?? [partition.column];
  return `${columns.join('/')} by ${partition.unit}`;
};
