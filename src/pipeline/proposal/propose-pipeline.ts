import { StagingDefinition } from '../definition/pipeline-definition.ts';
import { itemSize } from '../estimate/item-size.ts';
import { pricesWith } from '../estimate/prices.ts';
import { estimateScan, type SampleSize, type ScanEstimate } from '../estimate/scan-estimate.ts';
import { schemaOfSample } from '../estimate/schema-of-sample.ts';
import { estimateTables, type TableEstimate } from '../estimate/table-estimates.ts';
import type { Item } from '../item/attribute.ts';
import type { Key } from '../item/key.ts';
import { type ColumnMapping, Mapping } from '../mapping/mapping.ts';
import { createShredder } from '../mapping/shred.ts';
import { type LikelyDictionary, likelyDictionaries } from '../mapping/suggest/likely-dictionaries.ts';
import { type EntitySuggestion, suggestEntities } from '../mapping/suggest/suggest-entities.ts';
import { suggestTimes, type TimeSuggestions } from '../mapping/suggest/suggest-times.ts';
import { segmentsAtOnce } from '../run/plan.ts';
import { autoSegments } from '../run/segments/auto-segments.ts';
import type { AgreedSchema } from '../schema/agreed-schema.ts';

/** A pipeline for a table, proposed from DynamoDB's description of it and a sample. An operator decides. */

/** A DynamoDB table as `init` found it. */
export interface SampledSource {
  /** The name or ARN that the pipeline will have. */
  readonly table: string;
  readonly tableName: string;
  readonly key: Key;
  readonly approximateItems: number;
  readonly approximateBytes: number;
  /** Provisioned read capacity; undefined if the table is billed on demand. */
  readonly readCapacityUnits?: number;
  readonly items: readonly Item[];
  readonly readUnits: number;
  /** The sample is the whole table. */
  readonly isWhole: boolean;
}

export interface PipelineProposal {
  readonly source: SampledSource;
  readonly segments: number;
  /** A limit of read units per second; undefined if the table needs none. */
  readonly rate: { readonly unitsPerSecond: number | undefined; readonly why: string };
  /** The kinds of items that get tables of their own; undefined if one table fits. */
  readonly entities: EntitySuggestion | undefined;
  readonly dictionaries: readonly LikelyDictionary[];
  readonly times: TimeSuggestions;
  /** Columns that are dates and times without any setting, as `table.column`. */
  readonly dates: readonly string[];
  /** The same, as settings. */
  readonly mapping: Mapping;
  readonly scan: ScanEstimate;
  /** The largest number of rows first. */
  readonly tables: readonly TableEstimate[];
  /** Items of the sample that cannot be written exactly, by reason. */
  readonly rejects: ReadonlyMap<string, number>;
}

/** Half of what the table has leaves the other half to its users. */
const SHARE_OF_PROVISIONED = 1 / 2;
/** A quarter of what a new on-demand table serves at once. */
const ON_DEMAND_RATE = 3000;
/** A smaller table is read before its users could notice. */
const SMALL_BYTES = 256 * 1024 * 1024;
const MOST_NAMED = 2000;

/** The ways to divide the table into entities, the most likely first; none if one table fits. */
export const entityChoices = ({ items, key }: SampledSource): EntitySuggestion[] =>
  suggestEntities(items, key);

/** @param entities one of `entityChoices`; undefined for one table */
export function proposePipeline(
  source: SampledSource,
  entities: EntitySuggestion | undefined = entityChoices(source)[0],
): PipelineProposal {
  const { items, key } = source;
  const routes = Object.fromEntries((entities?.entities ?? []).map(({ name, route }) => [name, route]));
  const divided = Mapping.parse({ entities: routes });
  const dictionaries = likelyDictionaries(shredded(source, divided).seen, { isSample: true });
  const asRows = dictionaries.map(({ path }) => [path, { asRows: true }] as const);
  const withRows = Mapping.parse({ entities: routes, columns: Object.fromEntries(asRows) });
  const times = suggestTimes(items, key, withRows);
  const columns: Record<string, ColumnMapping> = { ...withRows.columns };
  for (const { path, unit } of times.epochs) columns[path] = { epoch: unit };
  for (const path of times.emptyOrTime) columns[path] = { emptyAsNull: true };
  const mapping = Mapping.parse({ entities: routes, columns });
  return { source, entities, dictionaries, times, mapping, ...estimated(source, mapping) };
}

function estimated(
  source: SampledSource,
  mapping: Mapping,
): Pick<PipelineProposal, 'segments' | 'rate' | 'dates' | 'scan' | 'tables' | 'rejects'> {
  const { tableName, key, items, approximateBytes, approximateItems, readCapacityUnits } = source;
  const { seen, rejects } = shredded(source, mapping);
  const naming = { ...mapping, naming: 'snake_case' } as const;
  const schema = schemaOfSample(undefined, { pipeline: tableName, mapping: naming, tableName, key, seen });
  const segments = autoSegments(approximateBytes);
  const sample = sizeOf(source);
  const rate = rateFor(readCapacityUnits, Math.max(approximateBytes, sample.bytes));
  const readUnitsPerSecond = rate.unitsPerSecond;
  const scan = estimateScan({
    described: { approximateItems, approximateBytes },
    sample,
    segments,
    segmentsAtOnce: segmentsAtOnce({ definition: { source: { readUnitsPerSecond } }, segments }),
    readUnitsPerSecond,
    provisionedUnits: readCapacityUnits,
    tables: schema.tables.length,
    cutBytes: StagingDefinition.shape.cutBytes.parse(undefined),
    cutSeconds: StagingDefinition.shape.cutSeconds.parse(undefined),
    prices: pricesWith(),
  });
  const scale = items.length === 0 ? 0 : scan.items / items.length;
  const tables = estimateTables(undefined, schema, seen, scale, MOST_NAMED).sort((a, b) => b.rows - a.rows);
  return { segments, rate, dates: datesOf(schema, mapping), scan, tables, rejects };
}

const datesOf = ({ tables }: AgreedSchema, { columns }: Mapping): string[] =>
  tables.flatMap(({ name, columns: all }) =>
    all
      .filter(({ path, type }) => /^(?:DATE|TIMESTAMPTZ)$/.test(type.type) && !Object.hasOwn(columns, path))
      .map((column) => `${name}.${column.name}`),
  );

function shredded({ items, key }: SampledSource, mapping: Mapping) {
  const shredder = createShredder({ key, layouts: [], mapping });
  const rejects = new Map<string, number>();
  for (const item of items) {
    const result = shredder.shred(item);
    if (result.kind === 'rejected') rejects.set(result.reason, (rejects.get(result.reason) ?? 0) + 1);
  }
  return { seen: shredder.takeSeen(), rejects };
}

function sizeOf({ items, readUnits, isWhole }: SampledSource): SampleSize {
  const bytes = items.reduce((sum, item) => sum + itemSize(item), 0);
  return { items: items.length, bytes, readUnits, isWhole };
}

function rateFor(provisioned: number | undefined, bytes: number): PipelineProposal['rate'] {
  if (provisioned === undefined && bytes < SMALL_BYTES) {
    return { unitsPerSecond: undefined, why: 'the table is small: a run needs no limit' };
  }
  if (provisioned === undefined) {
    return { unitsPerSecond: ON_DEMAND_RATE, why: 'a quarter of what a new on-demand table serves at once' };
  }
  return {
    unitsPerSecond: Math.max(1, Math.floor(provisioned * SHARE_OF_PROVISIONED)),
    why: `half of the table's ${provisioned} provisioned read units`,
  };
}
