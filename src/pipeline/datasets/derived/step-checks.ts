import { cut } from '../../text/sentences.ts';
import type { StepCheck } from '../checks-setting.ts';
import { literal, quoted } from '../parquet/duckdb-sql.ts';

/** Checks of a partition as queries, and what is reported of those that do not hold. */

/** The table of the rows that are checked. */
export const CHECKED = 'result';

/**
 * A query that returns no rows if the check holds.
 * @param until what `freshness` counts back from, in milliseconds since 1970
 */
export function checkQuery(
  { min = 0, max, notNull, unique, freshness, sql }: StepCheck,
  until: number,
): string {
  if (sql !== undefined) return sql;
  if (freshness !== undefined) {
    const newest = `max(${quoted(freshness.column)})`;
    const least = `${literal(new Date(until - freshness.within * 1000).toISOString())}::TIMESTAMPTZ`;
    // A date lasts until its end.
    const end = `CASE WHEN typeof(${newest}) = 'DATE' THEN epoch_us(${newest}) + 86400000000 ELSE epoch_us(${newest}) END`;
    return `SELECT ${newest} AS newest FROM ${CHECKED} HAVING ${newest} IS NULL OR ${end} < epoch_us(${least})`;
  }
  if (notNull !== undefined) return `SELECT * FROM ${CHECKED} WHERE ${quoted(notNull)} IS NULL`;
  if (unique === undefined) {
    const above = max === undefined ? '' : ` OR count(*) > ${max}`;
    return `SELECT count(*) AS "rows" FROM ${CHECKED} HAVING count(*) < ${min}${above}`;
  }
  const columns = unique.map(quoted);
  const there = columns.map((column) => `${column} IS NOT NULL`).join(' AND ');
  return `SELECT ${columns.join(', ')}, count(*) AS "rows" FROM ${CHECKED} WHERE ${there} GROUP BY ${columns.join(', ')} HAVING count(*) > 1`;
}

/** A check that does not hold. */
export interface FailedCheck {
  readonly name: string;
  /** How many rows its query returned. */
  readonly rows: number;
  /** The first of them, as JSON. */
  readonly example: string;
}

/** An example is a row of any size, and messages end up in histories. */
const MAX_EXAMPLE_CHARACTERS = 300;

/** @param json a row, as JSON */
export const exampleText = (json: string): string => cut(json, MAX_EXAMPLE_CHARACTERS);

export const failedText = ({ name, rows, example }: FailedCheck): string =>
  `${name}: ${rows} ${rows === 1 ? 'row' : 'rows'}, e.g. ${example}`;
