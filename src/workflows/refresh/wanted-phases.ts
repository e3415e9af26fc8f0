import { PHASES, type Phase, type RefreshInput } from '../../contract/refresh.ts';
import { badInput } from '../terminal-failure.ts';

/** The phases from `from` to `to`. @throws a terminal failure if either is not a phase, or if they are in the wrong order. */
export function wantedPhases(input: RefreshInput): Phase[] {
  for (const [option, phase] of [
    ['from', input.from],
    ['to', input.to],
  ] as const) {
    if (phase !== undefined && !PHASES.includes(phase)) {
      throw badInput(
        `${option}: ${JSON.stringify(phase)} is not a phase. The phases are: ${PHASES.join(', ')}.`,
      );
    }
  }
  const from = PHASES.indexOf(input.from ?? 'plan');
  const to = PHASES.indexOf(input.to ?? 'replace');
  if (to < from) throw badInput(`to (${input.to}) comes before from (${input.from}).`);
  if (from > 0 && input.run === undefined) {
    throw badInput(`from: ${input.from} continues an earlier run: give its name as "run".`);
  }
  return PHASES.slice(from, to + 1);
}
