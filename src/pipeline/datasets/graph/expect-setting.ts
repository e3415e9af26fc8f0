import { z } from 'zod';
import { isValue, type Unit } from './calendar.ts';
import { isSpan } from './expected.ts';

const First = z
  .string()
  .refine(
    (text) => isValue('day', text) || isValue('month', text),
    'a date, e.g. 1993-01-01, or a month, e.g. 1993-01',
  );
const Last = z
  .string()
  .refine(
    (text) => text === 'today' || text === 'yesterday' || isValue('day', text) || isValue('month', text),
    'a date or month, e.g. 2026-12-31, or today or yesterday',
  );
const Span = z
  .string()
  .refine(
    (text) => isSpan('day', text) || isSpan('month', text),
    'a number of days or months, e.g. 1095d or 4mo',
  );

/** Which partitions a dataset is to have. */
export const ExpectSetting = z.strictObject({
  from: First.optional().describe('The first day or month. Default: the first that there is.'),
  until: Last.default('yesterday').describe(
    'The last day or month: a date, `today` or `yesterday`, in the time zone of `partition`.',
  ),
  back: Span.optional().describe(
    'Only build missing partitions that begin at most this long before now, e.g. `1095d`; of months, `4mo`. Default: from `from`.',
  ),
  forward: Span.optional().describe('The same after now. Default: until `until`.'),
});
type ExpectSetting = z.infer<typeof ExpectSetting>;

/** What of an expectation does not fit partitions of this unit. */
export function misfitsOfExpectation(
  expect: ExpectSetting,
  unit: Unit,
): { readonly key: keyof ExpectSetting; readonly message: string }[] {
  const example = unit === 'day' ? 'a date, e.g. 1993-01-01' : 'a month, e.g. 1993-01';
  const ends = (['from', 'until'] as const).filter((key) => {
    const text = expect[key];
    return text !== undefined && /^\d/.test(text) && !isValue(unit, text);
  });
  const spans = (['back', 'forward'] as const).filter((key) => {
    const text = expect[key];
    return text !== undefined && !isSpan(unit, text);
  });
  const isReversed =
    ends.length === 0 && expect.from !== undefined && /^\d/.test(expect.until) && expect.until < expect.from;
  return [
    ...ends.map((key) => ({ key, message: example })),
    ...spans.map((key) => ({
      key,
      message: unit === 'day' ? 'a number of days, e.g. 1095d' : 'a number of months, e.g. 4mo',
    })),
    ...(isReversed
      ? [{ key: 'until' as const, message: `a value that is not before from, ${expect.from}` }]
      : []),
  ];
}
