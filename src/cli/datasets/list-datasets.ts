import { configPath } from '../../config/read-config.ts';
import type { DatasetDefinition } from '../../pipeline/datasets/definition.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { paletteFor } from '../terminal/palette.ts';
import { textTable } from '../terminal/text-table.ts';
import { datasetsHere } from './datasets-here.ts';

/** `tributary dataset list`: the datasets of the configuration. */
export async function listDatasets({
  json = false,
  config,
}: {
  readonly json?: boolean;
  readonly config?: string;
}): Promise<ExitCode> {
  const datasets = Object.entries(await datasetsHere(config));
  if (json)
    for (const [name, each] of datasets) process.stdout.write(`${JSON.stringify({ name, ...each })}\n`);
  else if (datasets.length === 0)
    throw new CommandError(
      ExitCode.usage,
      `${configPath(config)} has no datasets. docs/datasets.md describes one, to write below \`datasets:\`.`,
    );
  else {
    const rows = datasets.map(([name, each]) => [name, filesOf(each), '→', tableOf(each), partitionOf(each)]);
    const titles = ['name', 'files', '', 'table', 'partitions'].map((title) => ({ title }));
    for (const line of textTable(titles, rows, paletteFor(process.stdout).dim))
      process.stdout.write(`${line}\n`);
  }
  return ExitCode.done;
}

export const filesOf = ({ source: { bucket, prefix, match } }: DatasetDefinition): string =>
  `s3://${bucket}/${prefix}${match}`;
export const tableOf = ({ store: { bucket, prefix } }: DatasetDefinition): string =>
  `s3://${bucket}/${prefix}/`;
export const partitionOf = ({ partition: { column, columns, unit } }: DatasetDefinition): string =>
  unit === 'all' ? 'none' : `${(columns ?? [column]).join('/')} by ${unit}`;
