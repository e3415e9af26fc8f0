import { optionName, refuseConflicts, refuseWithoutRole, roleOf } from '../file-options.ts';
import type { Translation } from '../translation.ts';
import { NotSupported, RedshiftError } from '../unsupported.ts';
import type { UnloadStatement } from './unload-statement.ts';

/** Reads the next option of an UNLOAD and notes its name in `seen`. @throws if it is unknown, refused or repeated */
export function unloadOption(t: Translation, unload: UnloadStatement, seen: Set<string>): void {
  const { reader } = t;
  const { name, written } = optionName(reader, 'UNLOAD', FORMATS, seen);
  if (name === 'json') throw new NotSupported('UNLOAD FORMAT JSON');
  const flag = FLAGS.get(name);
  if (flag !== undefined) {
    Object.assign(unload, flag);
    return;
  }
  if (name === 'manifest') {
    unload.manifest = reader.acceptWords('verbose') ? 'verbose' : 'plain';
    return;
  }
  if (name === 'parallel') {
    unload.parallel = reader.acceptOneOf('off', 'false') === undefined;
    reader.acceptOneOf('on', 'true');
    return;
  }
  reader.acceptWords('as');
  switch (name) {
    case 'iam_role':
    case 'credentials':
      unload.iamRole = roleOf(reader, name);
      return;
    case 'delimiter':
      unload.delimiter = reader.string();
      if (!/^(?![\0\r\n])[\0-\x7f]$/.test(unload.delimiter))
        throw new RedshiftError('UNLOAD delimiter must be a single ASCII character', '22023');
      return;
    case 'null':
      unload.nullAs = reader.string();
      return;
    case 'maxfilesize':
      unload.maxFileBytes = fileBytes(t);
      return;
    case 'region':
      reader.string();
      return;
    default:
      throw new NotSupported(`the UNLOAD option ${written}`);
  }
}

/** The words that may follow FORMAT [AS]. */
const FORMATS: ReadonlySet<string> = new Set(['csv', 'parquet']);

/** Options of one word. */
const FLAGS: ReadonlyMap<string, Partial<UnloadStatement>> = new Map<string, Partial<UnloadStatement>>([
  ['csv', { format: 'csv' }],
  ['parquet', { format: 'parquet' }],
  ['header', { header: true }],
  ['addquotes', { addQuotes: true }],
  ['escape', { escape: true }],
  ['gzip', { compression: 'gzip' }],
  ['zstd', { compression: 'zstd' }],
  ['allowoverwrite', { allowOverwrite: true }],
  ['cleanpath', { cleanPath: true }],
]);

const MB = 1024 * 1024;
/** AWS: "The maximum size for a data file is 6.2 GB". */
export const MAX_FILE_BYTES = 6.2 * 1024 * MB;
const LEAST_FILE_BYTES = 5 * MB;

/** AWS: "a decimal value between 5 MB and 6.2 GB. … The default unit is MB". */
function fileBytes({ reader }: Translation): number {
  const token = reader.peek();
  if (token.kind !== 'number') throw reader.syntaxError();
  const size = Number(reader.next().value);
  const isGigabytes = reader.acceptOneOf('mb', 'gb') === 'gb';
  const bytes = Math.floor(size * MB * (isGigabytes ? 1024 : 1));
  if (bytes < LEAST_FILE_BYTES || bytes > MAX_FILE_BYTES)
    throw new RedshiftError('MAXFILESIZE must be between 5 MB and 6.2 GB', '22023');
  return bytes;
}

/** An option, and those that exclude it, as AWS lists them. */
const CONFLICTS: readonly (readonly string[])[] = [
  ['csv', 'parquet', 'escape', 'addquotes'],
  ['parquet', 'delimiter', 'addquotes', 'escape', 'null', 'header', 'gzip', 'zstd'],
  ['gzip', 'zstd'],
  ['iam_role', 'credentials'],
  ['cleanpath', 'allowoverwrite'],
];

export function checkUnloadOptions({ iamRole }: UnloadStatement, seen: ReadonlySet<string>): void {
  refuseConflicts('UNLOAD', CONFLICTS, seen);
  refuseWithoutRole('UNLOAD', iamRole);
}
