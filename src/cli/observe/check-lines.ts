import type { CheckResult } from '../../pipeline/run/check-result.ts';
import { counted } from '../terminal/measures.ts';
import type { Palette } from '../terminal/palette.ts';

/** `2 checks passed`, and a line for each of the others but those that failed, which are shown elsewhere. */
export function checkLines(checks: readonly CheckResult[] | undefined, colours: Palette): string[] {
  if (checks === undefined || checks.length === 0) return [];
  const passed = checks.filter(({ outcome }) => outcome === 'passed').length;
  return [
    ...(passed === 0 ? [] : [`  ${counted(passed, 'check')} passed`]),
    ...checks.flatMap(({ check, outcome, found }) =>
      outcome === 'warned'
        ? [`  ${colours.yellow(`check ${check} warns: ${found}`)}`]
        : outcome === 'skipped'
          ? [`  check ${check} was skipped: ${found}`]
          : [],
    ),
  ];
}
