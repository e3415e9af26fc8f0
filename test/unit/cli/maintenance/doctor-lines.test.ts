import { describe, expect, test } from '@jest/globals';
import { doctorLines, type ReportedCheck } from '../../../../src/cli/maintenance/doctor-lines.ts';
import { paletteFor } from '../../../../src/cli/terminal/palette.ts';

const colours = paletteFor({ write: () => true }, { NO_COLOR: '1' });
const linesOf = (checks: readonly ReportedCheck[], problemsOnly = false) =>
  doctorLines({ checks, removed: [], kept: [] }, { problemsOnly, colours });

const bucket = { area: 'S3', what: 'bucket', state: 'problem', found: 'no bucket b' } as const;
const checks: readonly ReportedCheck[] = [
  { area: 'configuration', what: 'file', state: 'ok', found: 'valid' },
  { area: 'Temporal', what: 'search attributes', state: 'warning', found: 'missing', whatToDo: 'Add them.' },
  { pipeline: 'a', area: 'DynamoDB', what: 'table', state: 'ok', found: 'table A' },
  { pipeline: 'a', ...bucket, whatToDo: 'Create it.' },
  { pipeline: 'b', ...bucket, whatToDo: 'Create it.' },
  { pipeline: 'b', area: 'Redshift', what: 'COPY', state: 'problem', found: 'refused\nrole r' },
  { pipeline: 'b', area: 'leftovers', what: 'all', state: 'unknown', found: 'not checked' },
];

describe('what the doctor found', () => {
  test('begins with the problems, each once, with the pipelines that have it', () => {
    expect(linesOf(checks)).toEqual([
      'Problems',
      '✗  S3        bucket  no bucket b',
      '    → Create it.',
      '    in pipelines a, b',
      '✗  Redshift  COPY    refused',
      '    role r',
      '    in pipeline b',
      '',
      'This machine',
      '✓  configuration  file               valid',
      '!  Temporal       search attributes  missing',
      '    → Add them.',
      '',
      'Pipeline a',
      '✓  DynamoDB  table  table A',
      '',
      'Pipeline b',
      '?  leftovers  all  not checked',
      '',
      '2 problems, 1 warning, 1 unknown',
    ]);
  });

  test('is only the problems and the totals if only these are wanted', () => {
    const all = linesOf(checks);
    expect(linesOf(checks, true)).toEqual([...all.slice(0, 8), all.at(-1)]);
    expect(linesOf(checks.slice(0, 3), true)).toEqual(['0 problems, 1 warning']);
  });

  test('two findings that differ only in what to do stay apart', () => {
    const other = { pipeline: 'b', ...bucket, whatToDo: 'Correct its name.' };
    expect(linesOf([checks[3]!, other]).at(-1)).toBe('2 problems, 0 warnings');
  });

  test('ends with what was removed and kept', () => {
    const found = { checks, removed: ['schema s'], kept: ['schema t: in use'] };
    expect(doctorLines(found, { problemsOnly: true, colours }).slice(-3, -1)).toEqual([
      'removed schema s',
      'kept schema t: in use',
    ]);
  });
});
