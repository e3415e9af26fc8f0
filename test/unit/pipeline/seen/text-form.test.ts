import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { textForm } from '../../../../src/pipeline/seen/text-form.ts';

test.each(['2024-02-29', '2000-02-29', '0001-01-01', '9999-12-31', '1845-03-27'])('%s is a date', (s) => {
  expect(textForm(s)).toBe('date');
});

test.each([
  '2024-01-31T00:00:00Z',
  '2024-02-29T23:59:59.1Z',
  '2024-02-29T23:59:59.123456Z',
  '0001-01-01T00:00:00.000Z',
])('%s is a timestamp', (s) => {
  expect(textForm(s)).toBe('timestamp');
});

test.each([
  '',
  '2023-02-29',
  '1900-02-29',
  '0000-00-00',
  '1943-00-00',
  '0000-01-01',
  '2024-04-31',
  '2024-13-01',
  '2024-1-01',
  '2024/01/01',
  '+024-01-01',
  '２０２４-01-01',
  '2024-01-01 ',
  '2024-01-31T00:00:00',
  '2024-01-31 00:00:00Z',
  '2024-01-31t00:00:00Z',
  '2024-01-31T00:00:00z',
  '2024-01-31T00:00:00+00:00',
  '2024-01-31T24:00:00Z',
  '2024-01-31T23:60:00Z',
  '2024-01-31T23:59:60Z',
  '2024-01-31T23:59:59.Z',
  '2024-01-31T23:59:59.1234567Z',
  '2024-01-31T23:59:59.12a456Z',
  '2024-01-31T23:59:59,123Z',
  '2024-02-30T00:00:00Z',
  '2024-01-31T00-00-00Z',
  '20240131T000000.0000Z',
])('%j is neither', (s) => {
  expect(textForm(s)).toBe('other');
});

const when = fc.date({
  min: new Date('0001-01-01T00:00:00Z'),
  max: new Date('9999-12-31T23:59:59Z'),
  noInvalidDate: true,
});

test('every day and every instant is recognised', () => {
  fc.assert(
    fc.property(when, (date) => {
      expect(textForm(date.toISOString())).toBe('timestamp');
      expect(textForm(date.toISOString().slice(0, 10))).toBe('date');
    }),
  );
});

test('what is recognised is a day that the calendar has', () => {
  const day = fc
    .tuple(fc.nat(9999), fc.nat(13), fc.nat(32))
    .map(
      ([y, m, d]) =>
        `${String(y).padStart(4, '0')}-${String(m).padStart(2, '0')}-${String(d).padStart(2, '0')}`,
    );
  fc.assert(
    fc.property(day, (s) => {
      const time = Date.parse(`${s}T00:00:00Z`);
      const real = !s.startsWith('0000') && !Number.isNaN(time) && new Date(time).toISOString().startsWith(s);
      expect(textForm(s)).toBe(real ? 'date' : 'other');
    }),
    { numRuns: 2000 },
  );
});
