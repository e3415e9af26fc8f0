import { quoteLiteral } from '../sql/identifier.ts';
import type { FileCompression } from './compression.ts';
import type { FileFormat } from './file-format.ts';

type Delimited = Extract<FileFormat, { kind: 'csv' | 'text' }>;

/**
 * COPY's options for files of a format, without role, region and manifest. Nothing cuts values or skips rows.
 * https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-format.html
 */
export function copyOptions(format: FileFormat, compression: FileCompression): string[] {
  switch (format.kind) {
    case 'csv':
      return [
        'FORMAT AS CSV',
        ...(format.quote === '"' ? [] : [`QUOTE AS ${quoteLiteral(format.quote)}`]),
        ...(format.delimiter === ',' ? [] : [`DELIMITER AS ${quoteLiteral(format.delimiter)}`]),
        ...conversions(format),
        ...compressed(compression),
      ];
    case 'text':
      return [
        `DELIMITER AS ${quoteLiteral(format.delimiter)}`,
        ...(format.escape ? ['ESCAPE'] : []),
        ...(format.removeQuotes ? ['REMOVEQUOTES'] : []),
        ...conversions(format),
        ...compressed(compression),
      ];
    case 'json':
      return [
        `FORMAT AS JSON ${quoteLiteral(format.paths)}`,
        ...(format.emptyAsNull ? ['EMPTYASNULL'] : []),
        ...texts(format),
        ...compressed(compression),
      ];
    case 'parquet':
      return ['FORMAT AS PARQUET', ...(format.serializeToJson ? ['SERIALIZETOJSON'] : [])];
  }
}

function conversions(format: Delimited): string[] {
  return [
    ...(format.header ? ['IGNOREHEADER 1'] : []),
    ...nullText(format.nullText),
    ...(format.emptyAsNull ? ['EMPTYASNULL'] : []),
    ...(format.blanksAsNull ? ['BLANKSASNULL'] : []),
    ...(format.trimBlanks ? ['TRIMBLANKS'] : []),
    ...(format.ignoreBlankLines ? ['IGNOREBLANKLINES'] : []),
    ...(format.fillRecord ? ['FILLRECORD'] : []),
    ...texts(format),
  ];
}

/** COPY takes `\N` as these two characters, so it is written as it is. */
const nullText = (text: string | undefined) =>
  text === undefined ? [] : [`NULL AS ${text === '\\N' ? "'\\N'" : quoteLiteral(text)}`];

function texts(format: Exclude<FileFormat, { kind: 'parquet' }>): string[] {
  const { dateFormat, timeFormat, acceptInvalidCharacters: replacement } = format;
  return [
    `DATEFORMAT AS ${quoteLiteral(dateFormat)}`,
    `TIMEFORMAT AS ${quoteLiteral(timeFormat)}`,
    ...(replacement === undefined ? [] : [`ACCEPTINVCHARS AS ${quoteLiteral(replacement)}`]),
  ];
}

const compressed = (compression: FileCompression) =>
  compression === 'none' ? [] : [compression.toUpperCase()];
