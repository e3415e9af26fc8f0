import { Terminal } from '../../../clients/errors.ts';
import { type Range, valuesOf } from '../../../pipeline/datasets/graph/calendar.ts';
import { expectations, type GraphDataset } from '../../../pipeline/datasets/graph/expectations.ts';
import type { GraphState, PartitionState } from '../../../pipeline/datasets/graph/plan-graph.ts';
import type { FoundRecord } from '../../../pipeline/datasets/redshift/partition-records.ts';
import type { Dependencies } from '../../runtime/dependencies.ts';
import type { OpenGraph } from '../derived/open-graph.ts';
import { datedTables } from './dated-tables.ts';
import { openWarehouse } from './open-warehouse.ts';
import { isPrepared } from './prepare-table.ts';
import { readRecords } from './read-records.ts';
import { recordedTable, tableVersions } from './table-versions.ts';

interface Warehouses {
  readonly deps: Pick<Dependencies, 'warehouse'>;
  readonly graph: OpenGraph;
  /** The datasets that the run builds; others are used as they are. */
  readonly built: ReadonlySet<string>;
  readonly signal: AbortSignal;
}

/** The datasets of a plan, with the versions of the tables that their steps read. */
export async function withTables(
  { deps, graph, built, signal }: Warehouses,
  datasets: readonly GraphDataset[],
  { state, ms }: { readonly state: GraphState; readonly ms: number },
): Promise<GraphDataset[]> {
  const expected = expectations(datasets, ms);
  const found: GraphDataset[] = [];
  for (const dataset of datasets) {
    const definition = graph.derived[dataset.name];
    const reads = definition !== undefined && Object.keys(definition.tables).length > 0;
    if (!reads || !built.has(dataset.name)) {
      found.push(dataset);
      continue;
    }
    try {
      const open = openWarehouse(deps, dataset.name, definition, signal);
      const tables = await tableVersions(open, definition);
      const versioned = tables.map(recordedTable).filter(({ isReference }) => !isReference);
      const values = partitionsOf(dataset, state, expected.get(dataset.name)?.window);
      found.push({
        ...{ ...dataset, tables: versioned },
        datedTables: await datedTables(open, definition, values),
      });
    } catch (error) {
      const isFault = error instanceof Terminal && FAULTS_OF_TABLES.has(error.code);
      if (!isFault) throw error;
      found.push({ ...dataset, problem: error.message });
    }
  }
  return found;
}

/** What is wrong with a table, rather than with the warehouse: the plan has it for the dataset that reads the table. */
const FAULTS_OF_TABLES: ReadonlySet<string> = new Set(['InputMissing', 'StatementFailed']);

/** The partitions that a plan may be about. */
const partitionsOf = (
  { name, unit }: GraphDataset,
  state: GraphState,
  window: Range | undefined,
): string[] => [
  ...(state.get(name)?.keys() ?? []),
  ...(unit === undefined || window === undefined ? [] : valuesOf(unit, window)),
];

/**
 * What is published, compared with the warehouse: a partition whose copy in S3 is of another build than its table, or whose table has
 * another number of rows, is not whole.
 */
export async function withRecords(
  { deps, graph, built, signal }: Warehouses,
  state: GraphState,
): Promise<GraphState> {
  const compared = new Map(state);
  for (const [name, partitions] of state) {
    const definition = graph.derived[name];
    if (definition?.engine !== 'redshift' || !built.has(name)) continue;
    const open = openWarehouse(deps, name, definition, signal);
    const records = (await isPrepared(open)) ? await readRecords(open, definition.partition.column) : [];
    const byValue = new Map(records.map((record) => [record.partition, record]));
    compared.set(
      name,
      new Map([...partitions].map(([value, each]) => [value, comparedWith(each, byValue.get(value))])),
    );
  }
  return compared;
}

function comparedWith(state: PartitionState, record: FoundRecord | undefined): PartitionState {
  if (record === undefined) return { ...state, isWhole: false, differs: 'its table has no record of it' };
  if (!record.isWhole)
    return { ...state, isWhole: false, differs: 'its table has other rows than were written' };
  if (record.id === state.record) return state;
  return { ...state, isWhole: false, differs: 'its table is of another build than its copy' };
}
