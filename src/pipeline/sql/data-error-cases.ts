import { final, type SqlErrorCase } from './sql-error-case.ts';

const NOTHING_LOADED = 'Nothing was loaded.';
const FIX_DATA = 'Correct what the message names, or change the table’s column.';

/**
 * Errors that come from the data, in COPY of Parquet and in our own INSERT: the same rows fail again, so they are never
 * retried. Sources: https://docs.aws.amazon.com/redshift/latest/dg/c-spectrum-troubleshooting.html, PostgreSQL's message
 * texts, and public bug reports for Redshift's own wording.
 */
export const DATA_ERROR_CASES: readonly SqlErrorCase[] = [
  {
    texts: [
      /^Cannot insert a NULL value into column (?<missing>.+)$/is,
      /^null value in column "(?<missing>.+?)"(?: of relation ".*")? violates not-null constraint$/is,
    ],
    ...final('LoadFailed', {
      means: ({ missing }) => `A row has no value for column ${missing}, which is NOT NULL.`,
      advice: `${NOTHING_LOADED} Correct the data, or create the table without NOT NULL there.`,
    }),
  },
  // Redshift Spectrum reads Parquet for COPY. What it says of S3 or of its own faults is not here: that may pass.
  {
    texts: [],
    contexts: [
      /^(?:Task failed due to an internal error\. )?(?:In )?file .*\bhas an (?:incompatible|invalid)\b/is,
      /^(?:Task failed due to an internal error\. )?(?:In )?file .*\bcolumn .* has an invalid type length\b/is,
      /^(?:Task failed due to an internal error\. )?(?:In )?file .*\bis not a (?:valid )?Parquet file\b/is,
      /^Duplicate Parquet column names\b/i,
      /^Unmatched number of columns between table and file\b/i,
      /^The length of the data column .* is longer than the length defined in the table\b/is,
      /^(?:String contains|Bad UTF8|Invalid|Numeric|Overflow|Value|Date|Timestamp|Missing data|Multibyte|Char(?:acter)? length)\b/i,
    ],
    ...final('LoadFailed', {
      means: 'A file does not fit the table: the error below names it, and the column.',
      advice: `${NOTHING_LOADED} ${FIX_DATA}`,
    }),
  },
  {
    texts: [
      /^(?:date\/time|timestamp|interval) field value out of range\b/i,
      /^(?:numeric|date\/time) field overflow\b/i,
      /^(?:String|Char(?:acter)?) length exceeds DDL length\b/i,
      /^Multibyte character not supported for CHAR\b/i,
      /^String contains invalid or unsupported UTF-?8\b/i,
      /^Bad UTF-?8 hex sequence\b/i,
      /^(?:invalid )?byte sequence for encoding\b/i,
      /^(?:Cannot|Could not|Error) (?:convert|converting|pars(?:e|ing))\b/i,
      /^The length of the data column .* is longer than the length defined in the table\b/is,
    ],
    ...final('StatementFailed', {
      means: 'A value does not fit its column.',
      advice: `${NOTHING_LOADED} ${FIX_DATA}`,
    }),
  },
];
