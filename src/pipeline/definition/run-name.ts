/** A run's name must be valid in an S3 key, a workflow id and an SQL identifier. Here without zod, for the command line. */
export const RUN_NAME = {
  pattern: /^[a-z0-9][a-z0-9_]{0,39}$/,
  means: 'lower-case letters, digits and _, at most 40, not beginning with _',
};

const MAX_LENGTH = 40;
const SUCCESSOR = /_w(\d+)(?:_[0-9a-f]{6})?$/;

/**
 * The name of the run that takes the part files of another one: `20261121t062033z_1f0c22_w2`, then `…_w3`. A long name is cut.
 * @param by of a workflow that resumed the run: the one that began it may have given the plain name to a run of its own
 */
export function successorName(run: string, by?: string): string {
  const number = Number(SUCCESSOR.exec(run)?.[1] ?? 1) + 1;
  const suffix = `_w${number}${by === undefined ? '' : `_${by.replaceAll('-', '').slice(-6)}`}`;
  return `${run.replace(SUCCESSOR, '').slice(0, MAX_LENGTH - suffix.length)}${suffix}`;
}
