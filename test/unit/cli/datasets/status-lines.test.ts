import { expect, test } from '@jest/globals';
import { statusLines } from '../../../../src/cli/datasets/show-status.ts';
import { paletteFor } from '../../../../src/cli/terminal/palette.ts';
import type { Pointer } from '../../../../src/pipeline/datasets/documents.ts';

const pointer = (generation: number, rows: number): Pointer => ({
  ...{ version: 1, revision: generation, generation, id: 'a', publishedAt: '2026-11-02T00:10:00.000Z' },
  content: { columnsId: 'c', rows, sums: ['0', '0'] },
});
const days = Array.from({ length: 12 }, (_, day) => `day=2026-11-${String(day + 1).padStart(2, '0')}`);

test('a dataset shows what is published, what waits, what is parked and what runs', () => {
  const state = {
    partitions: new Map(days.map((partition, i) => [partition, pointer(i + 1, 100)])),
    open: [
      {
        ...{ intake: 7, plannedAt: '', files: 3, batches: 1, batchesRead: 1 },
        lacking: ['day=2026-10-01', 'day=2026-10-02'],
      },
      { intake: 8, plannedAt: '', files: 9, batches: 4, batchesRead: 1, lacking: [] },
    ],
    parked: [{ intake: 6, batch: 0, files: 2, code: 'TooManyRejects', error: 'More than 5 records' }],
    rejects: 4,
  };
  const runs = [{ workflowId: 'dataset/records/x', startedAt: '', summary: 'read 1/4' }];
  const colours = paletteFor({ isTTY: false } as NodeJS.WriteStream);
  const failed = [
    {
      ...{ partition: 'day=2026-10-01', workflowId: 'build/records/day=2026-10-01' },
      ...{ code: 'DatasetTypesDiffer', error: 'Nothing was published: it has\nother types.' },
    },
  ];
  const text = statusLines('records', state, runs, { all: false, failed, colours });
  expect(text.slice(0, 6)).toEqual([
    'records: 12 partitions, 1,200 rows',
    'running: read 1/4  dataset/records/x',
    'waiting: rows of intake 7, 3 files for day=2026-10-01 and 1 more',
    'being read: intake 8, 9 files: 1 of 4 batches',
    'failed: day=2026-10-01: DatasetTypesDiffer: Nothing was published: it has other types.',
    'parked: batch 0 of intake 6, 2 files: TooManyRejects: More than 5 records',
  ]);
  expect(text).toContain('and 2 before them: --all');
  expect(text.join('\n')).not.toContain('day=2026-11-02 ');
  const without = { partitions: new Map<string, Pointer>(), open: [], parked: [], rejects: 0 };
  expect(statusLines('records', without, undefined, { all: true, colours })).toEqual([
    'records: 0 partitions, 0 rows',
    'Temporal cannot be reached: what runs is not known.',
  ]);
});
