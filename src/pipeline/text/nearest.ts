/** Guesses which known word was meant: `tabel` → `table`. */

/** Optimal string alignment: an insertion, deletion, substitution or swap of neighbours counts as one edit. */
function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let distance = Math.min(previous[j]! + 1, current[j - 1]! + 1, substituted);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        distance = Math.min(distance, beforePrevious[j - 2]! + 1);
      }
      current.push(distance);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length]!;
}

/**
 * The known words nearest to `word`, best first: at most three, and none much farther than the best. Words are near if
 * at most a third of the longer one's letters differ, or if one is the start of the other (`seg` → `segments`).
 */
export function nearest(word: string, known: Iterable<string>): string[] {
  const wanted = word.toLowerCase();
  if (wanted === '') return [];
  return [...new Set(known)]
    .map((candidate) => {
      const name = candidate.toLowerCase();
      const begins =
        wanted.length > 1 && name.length > 1 && (name.startsWith(wanted) || wanted.startsWith(name));
      const distance = editDistance(wanted, name);
      const near = distance <= Math.max(1, Math.floor(Math.max(name.length, wanted.length) / 3));
      return { candidate, distance: begins ? Math.min(distance, 1) : distance, near: near || begins };
    })
    .filter(({ near }) => near)
    .sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1))
    .filter(({ distance }, _i, [best]) => distance <= best!.distance + 1)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

/** ` (did you mean "table"?)`, or empty if no known word is near. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const names = nearest(word, known).map((name) => `"${name}"`);
  return names.length === 0 ? '' : ` (did you mean ${names.join(' or ')}?)`;
}
