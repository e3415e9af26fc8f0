import { refuseConflicts, refuseWithoutRole } from '../file-options.ts';
import { NotSupported, RedshiftError } from '../unsupported.ts';
import type { CopyStatement } from './copy-statement.ts';

/**
 * Refuses options that AWS documents as incompatible, and what this dialect requires.
 * @param seen the options that were written
 */
export function checkCopyOptions(copy: CopyStatement, seen: ReadonlySet<string>): void {
  if (copy.format === 'parquet') checkColumnarOptions(seen);
  refuseConflicts('COPY', CONFLICTS, seen);
  for (const [name, needed] of ONLY_WITH) {
    if (seen.has(name) && !seen.has(needed)) {
      throw new RedshiftError(
        `COPY: ${name.toUpperCase()} can be used only with ${needed.toUpperCase()}`,
        '42601',
      );
    }
  }
  if (seen.has('fixedwidth')) throw new NotSupported('the COPY option FIXEDWIDTH');
  refuseWithoutRole('COPY', copy.iamRole);
  if (copy.format === 'csv') checkCsvCharacters(copy);
  if (copy.escape && copy.delimiter.includes('\\'))
    throw new RedshiftError('COPY delimiter and escape character must be different', '22023');
}

/** An option, and those that exclude it. */
const CONFLICTS: string[][] = [
  ['csv', 'json', 'parquet', 'fixedwidth', 'removequotes', 'escape'],
  // AWS: "The following options aren't supported with JSON".
  [
    ...['json', 'parquet', 'delimiter', 'escape', 'fillrecord', 'fixedwidth', 'ignoreblanklines', 'null'],
    'removequotes',
  ],
  ['delimiter', 'fixedwidth'],
  ['escape', 'fixedwidth'],
  ['ignoreallerrors', 'maxerror'],
  ['iam_role', 'credentials'],
  ['gzip', 'zstd'],
];

const ONLY_WITH: [string, string][] = [
  ['quote', 'csv'],
  ['serializetojson', 'parquet'],
];

/** AWS: "COPY from columnar data formats": only these are supported. */
const COLUMNAR_OPTIONS: ReadonlySet<string> = new Set([
  ...['parquet', 'serializetojson', 'iam_role', 'credentials', 'manifest', 'statupdate', 'explicit_ids'],
  ...['acceptinvchars', 'fillrecord'],
]);

function checkColumnarOptions(seen: ReadonlySet<string>): void {
  const refused = [...seen].find((name) => !COLUMNAR_OPTIONS.has(name));
  if (refused !== undefined)
    throw new RedshiftError(
      `${refused.toUpperCase()} argument is not supported for PARQUET based COPY`,
      '0A000',
    );
}

function checkCsvCharacters({ delimiter, quote }: CopyStatement): void {
  if (delimiter.length !== 1) throw new NotSupported('a CSV delimiter of several characters');
  if (quote === delimiter) throw new RedshiftError('COPY delimiter and quote must be different', '22023');
}
