import type { PartKind } from '../pipeline/run/outcome.ts';
import { firstSentences } from '../pipeline/text/sentences.ts';
import type { FanOutProgress } from './refresh.ts';

/** What failed in a fan-out, and why, as Markdown for the Web UI's current details. */

/** Segments, tables or checks that failed for the same reason. */
interface FailedTogether {
  readonly children: string[];
  readonly error: string;
}

/** Of the details' 20,000 bytes; the rest is for the phases. */
const MOST_BYTES = 10_000;
/** How many reasons are shown, and how many characters of each: the first row that fits. Sentences are never cut. */
const SIZES = [
  { reasons: 50, characters: Number.POSITIVE_INFINITY },
  { reasons: 20, characters: 600 },
  { reasons: 10, characters: 250 },
  { reasons: 3, characters: 0 },
  { reasons: 1, characters: 0 },
] as const;

/**
 * `segment 3: S3 denies …`, one line per reason; one line, without a bullet, if there is only one reason.
 * @param shown how names and errors are written; default: as Markdown
 */
export function failedLines(
  kind: PartKind,
  fan: FanOutProgress,
  shown: (text: string) => string = markdown,
): string[] {
  const reasons = byReason(fan);
  if (reasons.length === 0) return [];
  const all = (size: (typeof SIZES)[number]) => linesOf(kind, reasons, fan.failed, size, shown);
  const fitting = SIZES.find((size) => utf8Bytes(all(size).join('\n')) <= MOST_BYTES);
  return all(fitting ?? SIZES[SIZES.length - 1]!);
}

function linesOf(
  kind: PartKind,
  reasons: readonly FailedTogether[],
  failed: number,
  size: (typeof SIZES)[number],
  write: (text: string) => string,
): string[] {
  const shown = reasons.slice(0, size.reasons);
  const lines = shown.map(
    ({ children, error }) =>
      `${named(kind, children, write)}: ${write(firstSentences(error, size.characters))}`,
  );
  const hidden = failed - shown.reduce((sum, { children }) => sum + children.length, 0);
  if (lines.length === 1 && hidden === 0) return lines;
  return [...lines, ...(hidden > 0 ? [`and ${hidden} more`] : [])].map((line) => `- ${line}`);
}

function byReason({ unfinished }: FanOutProgress): FailedTogether[] {
  const reasons = new Map<string, FailedTogether>();
  for (const { child, state, error = 'no reason is known' } of unfinished) {
    if (state !== 'failed') continue;
    const known = reasons.get(error) ?? { children: [], error };
    known.children.push(child);
    reasons.set(error, known);
  }
  return [...reasons.values()];
}

/** `segment 3`, `segments 3, 4 and 5`, `tables a, b and 17 more`. */
function named(kind: string, children: readonly string[], write: (text: string) => string): string {
  if (children.length === 1) return `${kind} ${write(children[0]!)}`;
  const first = children.slice(0, children.length > 5 ? 4 : children.length - 1).map(write);
  const last = children.length > 5 ? `${children.length - 4} more` : write(children.at(-1)!);
  return `${kind}s ${first.join(', ')} and ${last}`;
}

/** Text that Markdown shows as it is, with its line breaks. Values of the user's data may be in it. */
export const markdown = (text: string): string =>
  text
    .trim()
    .split(/\s*\n\s*/)
    .map((line) => line.replace(/\s+/g, ' ').replace(/[\\`*_~<>[\]|&#]/g, String.raw`\$&`))
    .join('  \n');

const utf8Bytes = (text: string): number => new TextEncoder().encode(text).length;
