import { z } from 'zod';

/**
 * The formats of files and, for each, those options of COPY that a loader has a use for. Everything else is decided: no
 * TRUNCATECOLUMNS, no MAXERROR, no COMPUPDATE, because a value arrives exactly or its batch is parked.
 * https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-format.html
 */

const Compression = z
  .enum(['none', 'gzip', 'zstd', 'auto'])
  .default('auto')
  .describe(
    'The compression of the files. `auto`: by the ending of the key, `.gz` or `.zst`; files of both kinds may share a batch.',
  );

const nullText = z
  .string()
  .max(100)
  .regex(/^[^\\'\r\n]*$|^\\N$/, 'a text without backslash, quote and line end, or \\N')
  .optional()
  .describe(
    'The text that means NULL in the files. Default: `\\N`, and an empty field of any type but text, as in COPY.',
  );

const dateFormat = z
  .string()
  .regex(/^[\w .,:/-]{1,60}$/, "COPY's DATEFORMAT, e.g. auto or YYYY-MM-DD")
  .default('auto')
  .describe('How dates are written: COPY’s DATEFORMAT.');
const timeFormat = z
  .string()
  .regex(/^[\w .,:/-]{1,60}$/, "COPY's TIMEFORMAT, e.g. auto, epochsecs or epochmillisecs")
  .default('auto')
  .describe('How times are written: COPY’s TIMEFORMAT.');

const acceptInvalidCharacters = z
  .string()
  .regex(/^[\x20-\x26\x28-\x5b\x5d-\x7e]$/, 'one ASCII character')
  .optional()
  .describe('Replaces bytes that are not valid UTF-8. Default: such a file parks its batch.');

/** A character that COPY takes as a delimiter or quote: one byte, not a quote of SQL, a backslash or a line end. */
const oneCharacter = z
  .string()
  .refine(
    (text) => text.length === 1 && text < '\u007f' && !"'\\\r\n\0".includes(text),
    'one ASCII character other than a backslash, a single quote or a line end',
  );

const columns = z
  .array(z.string().min(1).max(127))
  .min(1)
  .optional()
  .describe('The columns of the files in order, if they have no header. Default: those of the table.');

const emptyAsNull = z.boolean().default(false).describe('Empty text is NULL: COPY’s EMPTYASNULL.');

/** Options of all formats but Parquet. */
const TEXTUAL = {
  compression: Compression,
  dateFormat,
  timeFormat,
  acceptInvalidCharacters,
};

/** Options of text with separators. */
const DELIMITED = {
  nullText,
  emptyAsNull,
  blanksAsNull: z.boolean().default(false).describe('Text of blanks only is NULL: COPY’s BLANKSASNULL.'),
  trimBlanks: z.boolean().default(false).describe('Removes blanks at the end of text: COPY’s TRIMBLANKS.'),
  ignoreBlankLines: z.boolean().default(false).describe('Skips empty lines: COPY’s IGNOREBLANKLINES.'),
  fillRecord: z
    .boolean()
    .default(false)
    .describe('Columns missing at the end of a line are NULL or empty: COPY’s FILLRECORD.'),
  ...TEXTUAL,
};

export const FileFormat = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('csv').describe('Text with separators, with CSV’s quotes.'),
    header: z
      .boolean()
      .default(true)
      .describe('The first line names the columns. They match the table by name, in any order and case.'),
    columns,
    delimiter: oneCharacter.default(',').describe('The separator of fields.'),
    quote: oneCharacter.default('"').describe('The character around quoted fields.'),
    ...DELIMITED,
  }),
  z.strictObject({
    kind: z.literal('text').describe('Text with separators, without CSV’s quotes: COPY’s default format.'),
    header: z.boolean().default(false).describe('The first line names the columns.'),
    columns,
    delimiter: oneCharacter.default('|').describe('The separator of fields.'),
    escape: z.boolean().default(false).describe('A backslash escapes the next character: COPY’s ESCAPE.'),
    removeQuotes: z.boolean().default(false).describe('Removes quotes around fields: COPY’s REMOVEQUOTES.'),
    ...DELIMITED,
  }),
  z.strictObject({
    kind: z.literal('json').describe('JSON objects, one after the other.'),
    paths: z
      .union([
        z.enum(['auto', 'auto ignorecase']),
        z.string().regex(/^s3:\/\/[^'\\]+$/, 'the address of a JSONPaths file, e.g. s3://bucket/paths.json'),
      ])
      .default('auto')
      .describe('How keys match columns: `auto`, `auto ignorecase`, or the address of a JSONPaths file.'),
    columns: columns.describe(
      'With a JSONPaths file: the columns of its paths, in order. Default: those of the table.',
    ),
    detectNewKeys: z
      .boolean()
      .default(true)
      .describe(
        'Reads the files before COPY, because COPY ignores keys without a column. Costs one more read of every file.',
      ),
    emptyAsNull,
    ...TEXTUAL,
  }),
  z.strictObject({
    kind: z.literal('parquet').describe('Apache Parquet. Columns match the table by name.'),
    serializeToJson: z
      .boolean()
      .default(true)
      .describe('Loads nested values into SUPER columns: COPY’s SERIALIZETOJSON.'),
  }),
]);
export type FileFormat = z.infer<typeof FileFormat>;
