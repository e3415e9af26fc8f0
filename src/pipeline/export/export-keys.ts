/** The keys of an export's objects in S3. */

interface ExportPlace {
  /** With a slash at its end, unless it is empty. */
  readonly prefix: string;
  readonly id: string;
}

/** 14 digits, which are milliseconds since 1970 and so sort by time, and 8 hexadecimal ones. */
const EXPORT_ID = /^\d{14}-[0-9a-f]{8}$/;

const FOLDER = 'AWSDynamoDB/';

/** `exports` or `exports/` as `exports/`; the empty prefix stays empty. */
export const withSlash = (prefix: string): string =>
  prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;

/** The folder of all exports under a prefix. */
export const exportsFolder = (prefix: string): string => `${prefix}${FOLDER}`;
const exportFolder = ({ prefix, id }: ExportPlace): string => `${exportsFolder(prefix)}${id}/`;
export const summaryKey = (at: ExportPlace): string => `${exportFolder(at)}manifest-summary.json`;
export const filesKey = (at: ExportPlace): string => `${exportFolder(at)}manifest-files.json`;
export const dataFolder = (at: ExportPlace): string => `${exportFolder(at)}data/`;

/** That of all incremental exports with this prefix. */
export const sharedDataFolder = (prefix: string): string => `${exportsFolder(prefix)}data/`;

/** Where a manifest's checksum may be. The documentation calls it `.checksum`; DynamoDB has written `.md5`. */
export const checksumKeys = (manifest: string): readonly string[] =>
  ['.md5', '.checksum'].map((suffix) => manifest.replace(/\.json$/, suffix));

/**
 * The key of a data file as the manifest names it, under this prefix. Manifests name it with or without the prefix of
 * the request, and the export may have been copied since.
 */
export const dataFileKey = (prefix: string, named: string): string =>
  `${prefix}${named.slice(Math.max(0, named.lastIndexOf(FOLDER)))}`;

/** The id of an export, from its folder's key or its ARN (`…:table/orders/export/<id>`); undefined if it is none. */
export function exportIdIn(text: string): string | undefined {
  const last = text.replace(/\/$/, '').split('/').at(-1) ?? '';
  return EXPORT_ID.test(last) ? last : undefined;
}
