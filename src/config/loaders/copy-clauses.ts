import { FileFormat } from '../../pipeline/loader/file-format.ts';
import { type Argument, CLAUSES, type Found } from './copy-option-table.ts';

/**
 * The options of a COPY as a loader's `format`. What a loader does not do is not dropped silently: a note says what to do
 * instead.
 * https://docs.aws.amazon.com/redshift/latest/dg/r_COPY-parameters.html
 */
export interface CopyClauses {
  /** As the file writes it; OPEN is a value that an operator must choose. */
  readonly format: Readonly<Record<string, unknown>>;
  /** REGION. */
  readonly region?: string;
  /** One per option that has no setting, e.g. `MAXERROR 10: a row that …`. */
  readonly notes: readonly string[];
}

/** @param options what follows the role and the format in a COPY, in any case and order */
export function copyClauses(options: string): CopyClauses {
  const tokens = [...options.matchAll(/'(?:[^']|'')*'|[^\s';]+/g)].map(([token]) => token);
  const found: Found = { settings: {}, notes: [] };
  for (let at = 0; at < tokens.length; ) {
    const word = tokens[at]!.toUpperCase();
    const clause = Object.hasOwn(CLAUSES, word) ? CLAUSES[word]! : undefined;
    at++;
    if (clause === undefined) {
      // It may be a value of an option that is not known, such as a secret.
      const isText = word.startsWith("'");
      if (!isText && word !== 'AS') found.notes.push(`${word}: not an option that a loader knows; left out`);
      continue;
    }
    if (tokens[at]?.toUpperCase() === 'AS') at++;
    const isGiven = fits(tokens[at], clause.argument);
    clause.apply(found, isGiven ? unquoted(tokens[at]!) : '');
    if (isGiven) at++;
  }
  return { format: formatOf(found), ...(found.region && { region: found.region }), notes: found.notes };
}

function fits(token: string | undefined, argument: Argument): boolean {
  if (token === undefined || argument === 'none') return false;
  if (argument === 'text' || argument === 'maybe text') return token.startsWith("'");
  if (argument === 'number') return /^'?\d+'?$/.test(token);
  return !Object.hasOwn(CLAUSES, token.toUpperCase());
}

const unquoted = (token: string): string =>
  token.startsWith("'") ? token.slice(1, -1).replaceAll("''", "'") : token;

const OF_TEXT = [
  'delimiter',
  'header',
  'escape',
  'removeQuotes',
  'nullText',
  'fillRecord',
  'ignoreBlankLines',
];

/** COPY's default is text; that of the sample loader, whose COPY says so itself, is Parquet. */
function formatOf({ kind: named, settings, notes }: Found): Record<string, unknown> {
  const isText = OF_TEXT.some((key) => Object.hasOwn(settings, key));
  const chosen = named ?? (isText ? 'text' : 'parquet');
  if (named === undefined && !isText)
    notes.push("options name no format: the sample loader's COPY says FORMAT AS PARQUET");
  const schema = FileFormat.options.find(({ shape }) => shape.kind.value === chosen);
  const own = Object.entries(settings).filter(
    ([key]) => schema === undefined || Object.hasOwn(schema.shape, key),
  );
  const other = Object.keys(settings).filter(
    (key) => schema !== undefined && !Object.hasOwn(schema.shape, key),
  );
  for (const key of other)
    notes.push(`${OPTIONS[key] ?? key}: left out, because COPY does not take it for ${chosen}`);
  // Without IGNOREHEADER, COPY loads the first line like every other.
  const header = chosen === 'csv' && !Object.hasOwn(settings, 'header') ? { header: false } : {};
  return { kind: chosen, ...header, ...Object.fromEntries(own) };
}

/** Settings by the names that COPY has for them. */
const OPTIONS: Readonly<Record<string, string>> = {
  header: 'IGNOREHEADER',
  nullText: 'NULL',
  acceptInvalidCharacters: 'ACCEPTINVCHARS',
  compression: 'the compression',
  delimiter: 'DELIMITER',
  quote: 'QUOTE',
  escape: 'ESCAPE',
  removeQuotes: 'REMOVEQUOTES',
  emptyAsNull: 'EMPTYASNULL',
  blanksAsNull: 'BLANKSASNULL',
  trimBlanks: 'TRIMBLANKS',
  ignoreBlankLines: 'IGNOREBLANKLINES',
  fillRecord: 'FILLRECORD',
  dateFormat: 'DATEFORMAT',
  timeFormat: 'TIMEFORMAT',
  serializeToJson: 'SERIALIZETOJSON',
};
