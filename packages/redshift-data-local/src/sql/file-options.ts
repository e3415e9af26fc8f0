import type { TokenReader } from './tokens/token-reader.ts';
import { NotSupported, RedshiftError } from './unsupported.ts';

/** What the options of COPY and of UNLOAD have in common. */

type FileStatement = 'COPY' | 'UNLOAD';

/**
 * Reads the name of the next option, and notes it in `seen`. `FORMAT [AS] csv` is the option `csv`.
 * @param formats the words that may follow FORMAT
 * @returns the name, folded, and the word as it was written, in upper case
 * @throws if it is not a word, or was there before
 */
export function optionName(
  reader: TokenReader,
  statement: FileStatement,
  formats: ReadonlySet<string>,
  seen: Set<string>,
): { readonly name: string; readonly written: string } {
  if (reader.peek().kind !== 'word') throw reader.syntaxError();
  const written = reader.peek().text.toUpperCase();
  let name = reader.next().value;
  if (name === 'format') {
    reader.acceptWords('as');
    if (reader.peek().kind !== 'word') throw reader.syntaxError();
    name = reader.next().value;
    if (!formats.has(name)) throw new NotSupported(`${statement} FORMAT ${name.toUpperCase()}`);
  }
  if (seen.has(name)) throw new RedshiftError(`conflicting or redundant options: ${name}`);
  seen.add(name);
  return { name, written };
}

/** The role that IAM_ROLE or CREDENTIALS names; access keys are refused, because nothing here could check them. */
export function roleOf(reader: TokenReader, option: 'iam_role' | 'credentials'): string {
  if (option === 'iam_role') return reader.acceptWords('default') ? 'default' : reader.string();
  const role = /^aws_iam_role=(.+)$/.exec(reader.string());
  if (!role) throw new NotSupported('CREDENTIALS other than aws_iam_role=…');
  return role[1]!;
}

/** @param conflicts an option, and those that exclude it, as AWS lists them @param seen the options that were written */
export function refuseConflicts(
  statement: FileStatement,
  conflicts: readonly (readonly string[])[],
  seen: ReadonlySet<string>,
): void {
  for (const [one, ...others] of conflicts) {
    const other = seen.has(one!) ? others.find((name) => seen.has(name)) : undefined;
    if (other !== undefined)
      throw new RedshiftError(
        `${statement}: ${one!.toUpperCase()} cannot be used with ${other.toUpperCase()}`,
      );
  }
}

export function refuseWithoutRole(statement: FileStatement, role: string): void {
  if (role === '')
    throw new RedshiftError(`${statement} requires IAM_ROLE or CREDENTIALS to access Amazon S3`);
}
