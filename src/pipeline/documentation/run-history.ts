import { pricesWith } from '../estimate/prices.ts';
import { isComparable } from '../run/previous-run.ts';
import type { Report } from '../run/report.ts';
import { counted } from '../text/measures.ts';

/** A pipeline's runs over time, and what is unusual about each: what the index of runs shows. */

export interface PipelineHistory {
  readonly pipeline: string;
  readonly source: string;
  /** `database.schema` */
  readonly target: string;
  /** The run whose data is live, as far as it is known. */
  readonly live: string | undefined;
  /** The newest first. */
  readonly runs: readonly RunEntry[];
}

export interface RunEntry {
  readonly report: Report;
  /** Dollars for the scan’s read units, if the table is billed on demand. */
  readonly readCost: number;
  /** What differs from the runs before, as phrases. */
  readonly anomalies: readonly string[];
}

/** A run is compared with the median of this many completed runs before it. */
const COMPARED_WITH = 10;
/** With fewer, nothing is usual yet. */
const LEAST_COMPARED = 3;
const FEW_ROWS = 0.8;
const MANY_ROWS = 1.5;
const SLOW = 2;
/** Short runs vary by more than their length. */
const SLOW_SECONDS = 60;

/** @param reports of one pipeline, at least one, in any order */
export function pipelineHistory(
  pipeline: string,
  reports: readonly Report[],
  live: string | undefined,
): PipelineHistory {
  const oldestFirst = reports.toSorted((a, b) => Date.parse(a.plannedAt) - Date.parse(b.plannedAt));
  const newest = oldestFirst.at(-1)!;
  const { millionReadUnits } = pricesWith();
  const runs = oldestFirst.map((report, i): RunEntry => {
    const before = oldestFirst.slice(0, i).filter(isComparable).slice(-COMPARED_WITH);
    return {
      report,
      readCost: (report.readUnits / 1e6) * millionReadUnits,
      anomalies: isComparable(report) ? anomaliesOf(report, before) : [],
    };
  });
  const { database, schema } = newest.warehouse;
  return {
    pipeline,
    source: newest.source.table,
    target: `${database}.${schema}`,
    live,
    runs: runs.toReversed(),
  };
}

function anomaliesOf(report: Report, before: readonly Report[]): string[] {
  if (before.length < LEAST_COMPARED) return [];
  const usual = (of: (each: Report) => number) => medianOf(before.map(of));
  const rows = usual((each) => each.rows);
  const seconds = usual((each) => each.seconds);
  const rejects = usual((each) => each.rejects);
  const share = rows === 0 ? 1 : report.rows / rows;
  return [
    ...(share < FEW_ROWS ? [`${Math.round((1 - share) * 100)}% fewer rows than usual`] : []),
    ...(share > MANY_ROWS ? [`${share.toFixed(1)} times as many rows as usual`] : []),
    ...(report.seconds > seconds * SLOW && report.seconds > seconds + SLOW_SECONDS
      ? [`${(report.seconds / seconds).toFixed(1)} times as long as usual`]
      : []),
    ...(report.rejects > 0 && rejects === 0
      ? [`${counted(report.rejects, 'item')} set aside, usually none`]
      : []),
  ];
}

/** The lower middle number. */
const medianOf = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor((numbers.length - 1) / 2)]!;
