import { byteSize, count, counted, duration } from '../text/measures.ts';
import type { Prices } from './prices.ts';
import type { ScanEstimate } from './scan-estimate.ts';
import type { TableEstimate } from './table-estimates.ts';

/** What a run of a pipeline would take, and what would stop it. */
export interface PipelinePlan {
  readonly pipeline: string;
  /** The DynamoDB table, and the live schema that the run would replace. */
  readonly source: string;
  readonly schema: string;
  /** Absent if the table could not be read. */
  readonly scan?: ScanEstimate;
  /** The largest number of rows first. Empty if the table could not be read. */
  readonly tables: readonly TableEstimate[];
  /** What the sample would change in the agreed schema, one line each. Absent if there is no agreed schema. */
  readonly changes?: readonly string[];
  readonly stoppers: readonly Stopper[];
  /** What would not stop a run, but is mostly a mistake. Absent if there is nothing. */
  readonly warnings?: readonly string[];
  readonly prices: Prices;
  readonly assumptions: readonly string[];
}

/** Something that would stop a run. */
export interface Stopper {
  /** A failure code, or what was checked. */
  readonly what: string;
  readonly found: string;
  readonly whatToDo?: string;
}

/** `Redshift: COPY: the role … → Correct the role.` */
export const stopperText = ({ what, found, whatToDo }: Stopper): string =>
  `${what}: ${found}${whatToDo === undefined ? '' : ` → ${whatToDo}`}`;

/** One line of a plan: a measure, its value, and what it means. */
export type PlanRow = readonly [what: string, value: string, note: string];

const LIMITS = {
  readUnitsPerSecond: 'the limit of the pipeline',
  'provisioned capacity': 'the table’s provisioned capacity',
  'on demand': 'what a new on-demand table serves',
} as const;

const BASES = {
  sample: 'all of them were read',
  description: 'DynamoDB’s count, up to six hours old',
  slices: 'about: DynamoDB has not counted this table yet',
  'at least': 'or more: DynamoDB has not counted this table yet',
} as const;

/** The measures of a plan. Empty if the table could not be read. */
export function planRows({ scan, tables, prices }: PipelinePlan): PlanRow[] {
  if (scan === undefined) return [];
  const { price, limit, requests } = scan;
  const own = prices.replaced.length === 0 ? '' : '; some prices are your own';
  return [
    ['segments', count(scan.segments), 'read in parallel'],
    ['items', count(scan.items), BASES[scan.basis]],
    ['size', byteSize(scan.bytes), 'in DynamoDB'],
    [
      'read units',
      count(scan.readUnits),
      scan.fromExport
        ? 'an export is read'
        : scan.consistentRead
          ? 'strongly consistent'
          : 'eventually consistent',
    ],
    ['on-demand price', usd(price.onDemand), `list price of ${prices.region}, ${prices.asOf}${own}`],
    [
      'provisioned price',
      usd(price.provisioned),
      'if capacity is added for the scan; idle capacity costs no more',
    ],
    [
      'export price',
      usd(price.export),
      'of an export to S3 of the same table, with source.kind: dynamodb-export',
    ],
    [
      'time',
      duration(scan.minutes * 60),
      `at ${counted(limit.readUnitsPerSecond, 'read unit')} per second, ${LIMITS[limit.by]}`,
    ],
    [
      'S3 requests',
      `${counted(requests.puts, 'PUT')}, ${counted(requests.gets, 'GET')}`,
      usd(price.requests),
    ],
    [
      'Redshift space',
      byteSize(tables.reduce((sum, { bytes }) => sum + bytes, 0)),
      'beside the live schema and its backups',
    ],
    [
      'tables',
      count(tables.length),
      counted(
        tables.reduce((sum, { columns }) => sum + columns, 0),
        'column',
      ),
    ],
  ];
}

/** The tables of a plan: name, rows, columns, space, and whether the table is new. */
export function planTables({ tables }: Pick<PipelinePlan, 'tables'>): string[][] {
  return tables.map(({ name, rows, columns, bytes, isNew }) => [
    name,
    count(rows),
    count(columns),
    byteSize(bytes),
    isNew ? 'new' : '',
  ]);
}

/** One line for each table whose columns are named. */
export function planColumns({ tables }: Pick<PipelinePlan, 'tables'>): string[] {
  return tables.flatMap(({ name, named }) =>
    named === undefined ? [] : [`${name}: ${named.map((each) => `${each.name} ${each.type}`).join(', ')}`],
  );
}

/** `$0.02`, `$1,234`, `less than $0.01`. */
export function usd(amount: number): string {
  if (amount === 0) return '$0';
  if (amount < 0.01) return 'less than $0.01';
  return amount < 100 ? `$${amount.toFixed(2)}` : `$${count(amount)}`;
}
