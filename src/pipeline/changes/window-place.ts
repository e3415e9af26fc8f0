/**
 * Where reading a window resumes, as the `after` of a checkpoint: the export, the file in its manifest, and the place in the
 * decompressed file.
 */
export interface WindowPlace {
  /** Of the window's exports, from 1. */
  readonly nth: number;
  /** From 0. */
  readonly file: number;
  readonly byte: number;
  /** Of the file, so far. */
  readonly items: number;
}

/** `1/0/52341/120` */
export const windowPlaceText = ({ nth, file, byte, items }: WindowPlace): string =>
  [nth, file, byte, items].join('/');

/** @throws Error if the text is no such place */
export function windowPlaceOf(text: string): WindowPlace {
  const found = /^([1-9]\d*)\/(\d+)\/(\d+)\/(\d+)$/.exec(text);
  if (found === null) throw new Error(`${JSON.stringify(text)} is not a place in a window`);
  const [nth, file, byte, items] = found.slice(1).map(Number) as [number, number, number, number];
  return { nth, file, byte, items };
}
