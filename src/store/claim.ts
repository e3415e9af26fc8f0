import { Transient } from '../clients/errors.ts';
import { type Document, findDocument, JSON_FILE } from './document.ts';

/** The result of a claim: whether the caller's document was written, and the one that is there now. */
interface Claim<T> {
  readonly won: boolean;
  readonly value: T;
}

/**
 * The fence: writes a document only if none exists. Of several writers at once, one wins; the others receive the
 * winner's document. It is never overwritten.
 *
 * The response to a write may be lost, and its retry then finds the caller's own document. That counts as won.
 * @param isMine recognises a document that the caller wrote, by an attempt's random id or by its owner
 * @throws Terminal `DamagedFile` if another document is there and cannot be read
 */
export async function claim<T>(
  at: Document<T>,
  value: T,
  isMine: (found: T) => boolean,
  signal: AbortSignal,
): Promise<Claim<T>> {
  const answer = await at.store.putNew(at.key, JSON.stringify(value), { signal, ...JSON_FILE });
  if (answer !== 'exists') return { won: true, value };
  const found = await findDocument(at, signal);
  if (found === undefined) {
    throw new Transient(
      'WriteConflict',
      `s3://${at.store.bucket}/${at.key} was removed while it was being written; this is retried.`,
    );
  }
  return { won: isMine(found), value: found };
}

/** For a document that serves its caller whichever attempt wrote it. */
export const anyWriter = (): boolean => true;

/** Recognises a document by the random id of the attempt that wrote it. */
export const writtenBy =
  (attempt: string) =>
  (found: { readonly attempt: string }): boolean =>
    found.attempt === attempt;
