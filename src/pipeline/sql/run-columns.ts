import { quoteIdentifier, quoteLiteral } from './identifier.ts';

/**
 * Two columns that every table of a schema may have: the run, and when it started to extract. Their defaults belong to
 * the run's staging schema. COPY lists its columns, so it fills all others with their defaults, and part files are the
 * same with and without them:
 * https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-column-mapping.html
 */

export const RUN_COLUMN = '_tributary_run';
export const EXTRACTED_AT_COLUMN = '_tributary_extracted_at';
export const RUN_COLUMNS: readonly string[] = [RUN_COLUMN, EXTRACTED_AT_COLUMN];

/** The run whose rows a table holds. */
export interface RunStamp {
  readonly run: string;
  /** Nothing in the table is older. ISO 8601, UTC. */
  readonly extractedFrom: string;
}

/** The definition of one of the columns, for CREATE TABLE. */
export function runColumnSql(name: string, { run, extractedFrom }: RunStamp): string {
  const at = new Date(extractedFrom).toISOString().replace('T', ' ').replace('Z', '+00');
  return name === RUN_COLUMN
    ? `${quoteIdentifier(name)} VARCHAR(256) DEFAULT ${quoteLiteral(run)} NOT NULL`
    : `${quoteIdentifier(name)} TIMESTAMPTZ DEFAULT ${quoteLiteral(at)} NOT NULL`;
}
