import type { TerminalCode, TransientCode } from '../failure/failure-codes.ts';

/**
 * What a failed statement means for its transaction.
 * - `guard`: the condition of a guard (`SELECT 1/(CASE WHEN … THEN 1 ELSE 0 END)`) did not hold
 * - `serializable`: the transaction lost to a concurrent one (1023, 1018, deadlock) and can be retried as a whole
 * - `loadError`: COPY rejected rows or files; stl_load_errors and sys_load_error_detail have the details
 * - `cancelled`: a user or a time limit of Redshift ended the statement
 * - `failure`: everything else. `retried` decides whether a retry may help, and the code's class for how long.
 */
export type SqlError = { readonly kind: 'guard' | 'serializable' | 'loadError' } | SqlFailure;

export type SqlFailure = {
  readonly kind: 'failure' | 'cancelled';
  /** What happened, as a sentence in front of Redshift's own text. Empty if only that text is known. */
  readonly means: string;
  /** What an operator does, as a sentence. */
  readonly advice: string;
  /** The NOT NULL column that a row has no value for. */
  readonly missingIn?: string;
} & Retry;

type Retry =
  | { readonly retried: true; readonly code: TransientCode }
  | { readonly retried: false; readonly code: TerminalCode };

/** The named groups of the pattern that matched. */
export type Groups = Readonly<Record<string, string | undefined>>;

interface Words {
  readonly means: string | ((groups: Groups) => string);
  readonly advice: string | ((groups: Groups) => string);
}

type Meaning =
  | { readonly kind: 'guard' | 'serializable' | 'loadError' }
  | ({ readonly kind: 'failure' | 'cancelled' } & Words & Retry);

/** A failure that may pass. */
export const retried = (code: TransientCode, words: Words): Meaning => ({
  kind: 'failure',
  retried: true,
  code,
  ...words,
});

/** The same for a statement that a user or a time limit ended. */
export const cancelled = (code: TransientCode, words: Words): Meaning => ({
  kind: 'cancelled',
  retried: true,
  code,
  ...words,
});

/** A failure that needs an operator. */
export const final = (code: TerminalCode, words: Words): Meaning => ({
  kind: 'failure',
  retried: false,
  code,
  ...words,
});

/**
 * One row of a table of errors. A row's patterns match the message's beginning (`^`), or its beginning and its end: a
 * name or value of a user may appear anywhere else.
 */
export type SqlErrorCase = {
  readonly texts: readonly RegExp[];
  /** Redshift's error codes, from the details of the text. */
  readonly codes?: readonly number[];
  /** What the context in Redshift's details begins with. */
  readonly contexts?: readonly RegExp[];
} & Meaning;

/** The same for what S3 answered COPY: the first row that matches S3's error code, or the HTTP status, decides. */
export type S3ErrorCase = {
  readonly errors: RegExp;
  readonly status?: (status: number) => boolean;
} & Meaning;

/** What a row says about one error. */
export function meaningOf(row: Meaning, groups: Groups): SqlError {
  if (row.kind !== 'failure' && row.kind !== 'cancelled') return { kind: row.kind };
  const { kind, means, advice, ...retry } = row;
  return {
    kind,
    means: typeof means === 'string' ? means : means(groups),
    advice: typeof advice === 'string' ? advice : advice(groups),
    ...(groups.missing === undefined ? {} : { missingIn: groups.missing }),
    ...(retry.retried ? { retried: true, code: retry.code } : { retried: false, code: retry.code }),
  };
}
