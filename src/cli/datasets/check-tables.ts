import type { TributaryConfig } from '../../config/tributary-config.ts';
import { datasetTable } from '../../pipeline/datasets/catalogue/dataset-table.ts';
import { messageOf } from '../../pipeline/failure/message-of.ts';
import { chosenLocalStack, useLocalStack } from '../temporal/command-context.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { paletteFor } from '../terminal/palette.ts';
import { checkCatalogue } from './check-catalogue.ts';
import { allDatasets } from './datasets-here.ts';
import { catalogueColumns } from './show-catalogue.ts';

/** How long Glue may take to answer: the rest of the configuration is checked without it. */
const SECONDS = 20;

/**
 * Compares the tables of all datasets in the Glue catalogue with what the datasets are to have. If Glue cannot be asked from here, a
 * note says so.
 * @throws CommandError with all tables that a run would refuse, and what to do
 */
export async function checkTables(read: TributaryConfig, config: string | undefined): Promise<void> {
  useLocalStack(chosenLocalStack(config));
  const problems: string[] = [];
  const unknown: string[] = [];
  for (const [name, definition] of Object.entries(allDatasets(read))) {
    const { catalogue } = definition.store;
    if (catalogue.kind === 'none') continue;
    const columns = await catalogueColumns(name, definition, config);
    const table = datasetTable(name, definition, columns);
    try {
      const check = checkCatalogue(catalogue, table, catalogue.region);
      const { state, message } = await within(check);
      if (state.startsWith('Catalogue')) problems.push(`datasets.${name}.store.catalogue: ${message}`);
    } catch (error) {
      unknown.push(messageOf(error));
    }
    // The next one would wait as long.
    if (unknown.length > 0) break;
  }
  const [why] = unknown;
  if (why !== undefined) {
    const note = `note: the tables in the Glue catalogue are not checked: ${why}`;
    process.stderr.write(`${paletteFor(process.stderr).yellow(note)}\n`);
  }
  if (problems.length > 0) throw new CommandError(ExitCode.usage, problems.join('\n'));
}

async function within<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${SECONDS} s`)), SECONDS * 1000);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
