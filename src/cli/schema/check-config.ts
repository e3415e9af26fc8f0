import { configPath, readConfig } from '../../config/read-config.ts';
import type { PipelineDefinition } from '../../pipeline/definition/pipeline-definition.ts';
import { counted } from '../terminal/measures.ts';
import { paletteFor } from '../terminal/palette.ts';
import { textTable } from '../terminal/text-table.ts';

/** `tributary config check`: prints the pipelines of a valid file. @throws ConfigError with every problem of another */
export async function checkConfig(config: string | undefined): Promise<void> {
  const file = configPath(config);
  const { pipelines } = await readConfig(file);
  const rows = Object.entries(pipelines).map(([name, pipeline]) => [
    name,
    source(pipeline),
    '→',
    target(pipeline),
  ]);
  const colours = paletteFor(process.stdout);
  process.stdout.write(`${colours.green('✓')} ${file}: ${counted(rows.length, 'pipeline')}\n`);
  const columns = rows.length === 0 ? [] : ['', '', '', ''].map((title) => ({ title }));
  for (const line of textTable(columns, rows)) process.stdout.write(`  ${line}\n`);
}

const source = ({ source: { kind, table } }: PipelineDefinition) => `${kind} ${table}`;
const target = ({ warehouse: { kind, workgroup, cluster, database, schema } }: PipelineDefinition) =>
  `${kind} ${workgroup ?? cluster} ${database}.${schema}`;
