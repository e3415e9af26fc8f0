import type { RedshiftType } from '../columns/redshift-type.ts';
import { widenedType } from '../columns/widen.ts';
import type { ScalarSeen } from '../seen/seen.ts';

/**
 * The type of a column with `epoch` after another run. Numbers of earlier runs, and the type that they gave, are from before
 * the mapping made times of them: every run reads all items again, so they do not count.
 * @param before undefined if no value of the column was seen before
 */
export function typeOfTimes(
  before: RedshiftType | undefined,
  ofRun: ScalarSeen,
  everSeen: ScalarSeen,
): RedshiftType {
  const isNumeric = before?.type === 'BIGINT' || before?.type === 'DECIMAL';
  return widenedType(isNumeric ? undefined : before, ofRun, withoutNumbers(everSeen), 'value');
}

function withoutNumbers(scalar: ScalarSeen): ScalarSeen {
  return {
    ...scalar,
    kinds: scalar.kinds.filter((kind) => kind !== 'N'),
    maxIntegerDigits: 0,
    maxScale: 0,
    allInt64: true,
    hasExponent: false,
  };
}
