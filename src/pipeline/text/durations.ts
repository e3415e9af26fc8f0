/** How long something takes, as operators write it: the same in the configuration file and in the options of commands. */

const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400, y: 365 * 86_400 } as const;

/** A number with a unit. A year has 365 days. */
export const DURATION = {
  pattern: /^[1-9]\d{0,5}[smhdy]$/,
  means: 'a duration such as 90s, 30m, 12h, 7d or 1y',
} as const;

/** `30m` → 1800. @returns undefined if the text is not a duration */
export function durationSeconds(text: string): number | undefined {
  if (!DURATION.pattern.test(text)) return undefined;
  return Number(text.slice(0, -1)) * SECONDS[text.at(-1) as keyof typeof SECONDS];
}
