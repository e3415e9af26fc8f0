import type { Prices } from './prices.ts';

/** What a scan of a table takes, from DynamoDB's description of it and a sample. Pure: no clock, no services. */

/** An eventually consistent read of this many bytes costs half a read unit, and a page's last part counts as a whole. */
const BYTES_PER_HALF_UNIT = 4096;
const BYTES_PER_UNIT = 2 * BYTES_PER_HALF_UNIT;
/** DynamoDB ends a page of a scan here. */
const MOST_BYTES_PER_PAGE = 1024 * 1024;
/** With a read rate, a page takes no more than the run may read in this time: see `Pace`. */
const SECONDS_PER_PAGE = 0.75;
/** What a new on-demand table serves at once; DynamoDB raises it as the traffic grows. */
const ON_DEMAND_UNITS_PER_SECOND = 12_000;
/** Part files are compressed. They have about this share of the items' size. */
const PART_FILE_SHARE = 1 / 4;
/** Documents of a run that do not depend on its segments and tables: plan, manifest, report and the like. */
const DOCUMENTS = 10;

const GB = 1024 ** 3;

/** What a sample showed: the first page of each segment. */
export interface SampleSize {
  readonly items: number;
  /** By the items' attributes. */
  readonly bytes: number;
  readonly readUnits: number;
  /** Every page was the end of its segment, so the sample is the table. */
  readonly isWhole: boolean;
}

export interface ScanToEstimate {
  /** DynamoDB's counts, which it renews about every six hours. */
  readonly described: { readonly approximateItems: number; readonly approximateBytes: number };
  readonly sample: SampleSize;
  /** What slices of the table suggest, if DynamoDB has not counted it. */
  readonly counted?: { readonly items: number; readonly bytes: number } | undefined;
  readonly segments: number;
  readonly segmentsAtOnce: number;
  /** The scan reads strongly consistently, unlike the sample. Default: false. */
  readonly consistentRead?: boolean | undefined;
  /** An export is read, which costs no read units; its counts are exact. */
  readonly fromExport?: boolean | undefined;
  /** The run's own limit. */
  readonly readUnitsPerSecond?: number | undefined;
  /** Provisioned read capacity; undefined if the table is billed on demand. */
  readonly provisionedUnits?: number | undefined;
  /** Tables in the warehouse that the items fill. */
  readonly tables: number;
  readonly cutBytes: number;
  readonly cutSeconds: number;
  readonly prices: Prices;
}

/**
 * Where items and bytes come from:
 * - `sample`: the sample was the whole table
 * - `description`: DynamoDB's own counts
 * - `slices`: DynamoDB counts fewer items than the sample had, so the table is new; slices all over it were counted
 * - `at least`: the same, but its keys are too uneven for that; there are at least the items of the sample
 */
type Basis = 'sample' | 'description' | 'slices' | 'at least';

export interface ScanEstimate {
  readonly basis: Basis;
  readonly segments: number;
  readonly items: number;
  readonly bytes: number;
  readonly readUnits: number;
  /** An export is read. Absent if the table is scanned. */
  readonly fromExport?: true;
  /** The scan reads strongly consistently. Absent if it does not. */
  readonly consistentRead?: true;
  /** What the run's own sample reads in addition, before the scan. */
  readonly sampleReadUnits: number;
  readonly limit: {
    readonly readUnitsPerSecond: number;
    readonly by: 'readUnitsPerSecond' | 'provisioned capacity' | 'on demand';
  };
  /** How long the reads take at the limit. */
  readonly minutes: number;
  readonly requests: { readonly puts: number; readonly gets: number };
  /** US dollars. */
  readonly price: {
    readonly onDemand: number;
    readonly provisioned: number;
    readonly export: number;
    readonly requests: number;
  };
}

export function estimateScan(scan: ScanToEstimate): ScanEstimate {
  const { sample, segments, prices } = scan;
  const { basis, items, bytes } = sizeOf(scan);
  const perRead = scan.fromExport ? 0 : scan.consistentRead ? 2 : 1;
  const readUnits = perRead * (basis === 'sample' ? sample.readUnits : readUnitsOf(bytes, scan));
  const limit = limitOf(scan);
  const seconds = readUnits / limit.readUnitsPerSecond;
  const requests = requestsOf(scan, bytes, seconds);
  return {
    ...{ basis, segments, items, bytes, readUnits, sampleReadUnits: sample.readUnits, limit },
    ...(scan.fromExport ? { fromExport: true as const } : {}),
    ...(scan.consistentRead ? { consistentRead: true as const } : {}),
    minutes: seconds / 60,
    requests,
    price: {
      onDemand: (readUnits / 1e6) * prices.millionReadUnits,
      provisioned: (readUnits / 3600) * prices.capacityUnitHour,
      export: (bytes / GB) * prices.exportGB,
      requests: (requests.puts / 1000) * prices.thousandPuts + (requests.gets / 1000) * prices.thousandGets,
    },
  };
}

/** Whether DynamoDB has counted the table since it was filled. The sample shows at least these items. */
export const isCounted = ({ described, sample }: Pick<ScanToEstimate, 'described' | 'sample'>): boolean =>
  sample.isWhole || (described.approximateItems >= sample.items && described.approximateBytes > 0);

function sizeOf(scan: ScanToEstimate): Pick<ScanEstimate, 'basis' | 'items' | 'bytes'> {
  const { described, sample, counted } = scan;
  if (sample.isWhole) return { basis: 'sample', items: sample.items, bytes: sample.bytes };
  if (isCounted(scan)) {
    return { basis: 'description', items: described.approximateItems, bytes: described.approximateBytes };
  }
  if (counted !== undefined && counted.items > sample.items) return { basis: 'slices', ...counted };
  return { basis: 'at least', items: sample.items, bytes: sample.bytes };
}

/** Each page's last half unit is used by half, on average. */
function readUnitsOf(bytes: number, { segments, readUnitsPerSecond }: ScanToEstimate): number {
  const paced = readUnitsPerSecond === undefined ? Infinity : SECONDS_PER_PAGE * readUnitsPerSecond;
  const pageBytes = Math.min(MOST_BYTES_PER_PAGE, Math.max(BYTES_PER_HALF_UNIT, paced * BYTES_PER_UNIT));
  const pages = segments * Math.max(1, Math.ceil(bytes / segments / pageBytes));
  return Math.round(2 * (bytes / BYTES_PER_UNIT + pages / 4)) / 2;
}

function limitOf({ readUnitsPerSecond, provisionedUnits }: ScanToEstimate): ScanEstimate['limit'] {
  const table =
    provisionedUnits === undefined
      ? ({ readUnitsPerSecond: ON_DEMAND_UNITS_PER_SECOND, by: 'on demand' } as const)
      : ({ readUnitsPerSecond: provisionedUnits, by: 'provisioned capacity' } as const);
  if (readUnitsPerSecond === undefined || readUnitsPerSecond > table.readUnitsPerSecond) return table;
  return { readUnitsPerSecond, by: 'readUnitsPerSecond' };
}

function requestsOf(
  { segments, segmentsAtOnce, tables, cutBytes, cutSeconds }: ScanToEstimate,
  bytes: number,
  seconds: number,
): ScanEstimate['requests'] {
  const cuts = Math.max(
    1,
    Math.ceil((bytes * PART_FILE_SHARE) / segments / cutBytes),
    Math.ceil(((seconds / segments) * segmentsAtOnce) / cutSeconds),
  );
  const checkpoints = segments * cuts;
  const files = checkpoints * tables;
  return {
    // Each table also has the list of a COPY, and a log of its load.
    puts: files + checkpoints + 2 * tables + DOCUMENTS,
    // COPY reads the files; the seal and the report read the checkpoints; each segment reads the plan.
    gets: files + 2 * checkpoints + segments + tables + DOCUMENTS,
  };
}
