import { byteLength } from './identifier.ts';

/** Joins names with commas, into as few lists as a limit for each list allows. */
export function nameLists(names: readonly string[], maxBytes: number): string[] {
  const lists: string[] = [];
  for (const name of names) {
    const longer = lists.length === 0 ? name : `${lists.at(-1)}, ${name}`;
    if (lists.length > 0 && byteLength(longer) <= maxBytes) lists[lists.length - 1] = longer;
    else lists.push(name);
  }
  return lists;
}
