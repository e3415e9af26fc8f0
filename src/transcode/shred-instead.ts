/** Thrown by the walk over bytes when an item must go through the shredder. It is no error, so its stack means nothing. */
class ShredInstead extends Error {}

export const SHRED = new ShredInstead('the item goes through the shredder');

/** A value that is refused is for the shredder to refuse, with the reason. @throws SHRED */
export function exactly<T>(convert: () => T): T {
  try {
    return convert();
  } catch {
    throw SHRED;
  }
}
