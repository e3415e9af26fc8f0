import { type Path, stepsOf } from '../item/path.ts';
import { nearest } from '../text/nearest.ts';

/** Guesses which path was meant: ` (did you mean "address.city"?)`. */

const SHOWN = 3;

/** The names of a path alone, as the items have them. Paths that differ only in form have the same. */
const namesOf = (path: Path): string =>
  stepsOf(path)
    .flatMap((step) => (typeof step === 'object' && 'name' in step ? [step.name] : []))
    .join('.');

/** What was meant by a path that is not known; empty if no known path is near. */
export function pathHint(path: Path, known: Iterable<Path>): string {
  const paths = new Set(known);
  const names = namesOf(path);
  const inOtherForm = [...paths].filter((each) => each !== path && namesOf(each) === names);
  const guesses = inOtherForm.length > 0 ? inOtherForm.toSorted(byLength) : nearSiblings(path, paths);
  return hintText(guesses.slice(0, SHOWN), path);
}

/** What was meant by an attribute of `where`, which is a name, not a path. */
export function attributeHint(attribute: string, known: Iterable<Path>): string {
  const paths = [...known];
  const topLevel = paths.flatMap((path) => {
    const steps = stepsOf(path).filter((step) => typeof step !== 'object' || !('entity' in step));
    const [step] = steps;
    return steps.length === 1 && typeof step === 'object' && 'name' in step ? [step.name] : [];
  });
  const decoded = namesOf(attribute);
  if (decoded !== attribute && topLevel.includes(decoded)) return hintText([decoded], attribute);
  if (paths.some((path) => namesOf(path) === decoded))
    return ': where tests top-level attributes by their names, not paths';
  return hintText(nearest(attribute, topLevel), attribute);
}

/** The paths that result if the first unknown name is replaced by a near one at the same place. */
function nearSiblings(path: Path, known: ReadonlySet<Path>): Path[] {
  const parts = path.split('.');
  const start = (n: number) =>
    parts
      .slice(0, n)
      .map((part) => `${part}.`)
      .join('');
  let reached = parts.length - 1;
  while (reached > 0 && ![...known].some((each) => each.startsWith(start(reached)))) reached--;
  const before = start(reached);
  const wanted = parts[reached] as string;
  const siblings = new Set(
    [...known].flatMap((each) =>
      each.startsWith(before) ? [each.slice(before.length).split('.')[0] as string] : [],
    ),
  );
  if (siblings.has(wanted)) return [];
  const ofSameForm = [...siblings].filter((each) => suffixOf(each) === suffixOf(wanted));
  const rest = parts
    .slice(reached + 1)
    .map((part) => `.${part}`)
    .join('');
  return nearest(wanted, ofSameForm).map((name) => `${before}${name}${rest}`);
}

const suffixOf = (part: string): string => /(?:\[(?:key)?\])*$/.exec(part)?.[0] ?? '';

const byLength = (a: string, b: string) => a.length - b.length || (a < b ? -1 : 1);

function hintText(guesses: readonly string[], meant: string): string {
  if (guesses.length === 0) return '';
  const dotted = guesses.some((guess) => guess.includes('%2E')) && !meant.includes('%2E');
  const names = guesses.map((guess) => `"${guess}"`).join(' or ');
  return ` (did you mean ${names}?${dotted ? ' %2E is a dot in an attribute’s name' : ''})`;
}
