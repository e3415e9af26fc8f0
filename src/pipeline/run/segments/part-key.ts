import { fingerprint } from '../../item/fingerprint.ts';
import { type Path, ROOT, stepsOf } from '../../item/path.ts';

/** The most characters in the readable part of a folder's name. */
const MAX_SLUG = 40;

/**
 * The name of the folder for a table's part files: `root` for the root table, else a readable slug of the path and eight
 * digits of its fingerprint, e.g. `prizes-affiliations-1f0c22ab`. It consists of lower-case ASCII letters, digits, `_` and
 * `-`, so it is safe in S3 keys, URLs and manifests. Different paths have different folders.
 */
export function tableFolder(table: Path): string {
  if (table === ROOT) return 'root';
  const names = stepsOf(table).map((step) =>
    typeof step === 'string' ? '' : 'name' in step ? step.name : 'entity' in step ? step.entity : step.aspect,
  );
  const slug = names
    .join('-')
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, '-')
    .slice(0, MAX_SLUG)
    .replace(/^-+|-+$/g, '');
  return `${slug === '' ? 'list' : slug}-${fingerprint(table, 8)}`;
}
