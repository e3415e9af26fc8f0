import { expect, test } from '@jest/globals';
import { startInLog } from '../../../src/activities/run/start-in-log.ts';
import { findEpoch } from '../../../src/store/changes/log-files.ts';
import { WrittenLog } from './written-log.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 10, 30, 8, minute));
const { signal } = new AbortController();

/** A log whose second of three checkpoints is the last one that an earlier mapping made. */
async function mixedLog(): Promise<WrittenLog> {
  const log = new WrittenLog();
  await log.open(['s1', 'quiet']);
  const record = (id: string, since: number, minute: number, shard = 's1') =>
    log.record(shard, [[id, at(minute).getTime() / 1000]], {
      withheld: { id, since },
      writtenAt: at(minute).toISOString(),
    });
  await record('before', 1, 10);
  await record('before', 1, 20);
  await record('now', 3, 22);
  await record('now', 1, 1, 'quiet');
  return log;
}

async function beginning(log: WrittenLog, minute: number, withheldId = 'now', isExport = false) {
  const epoch = await findEpoch(log.log());
  const read = { plannedAt: at(minute), settleSeconds: 300, withheldId, isExport };
  const { start, ...more } = await startInLog({ log: log.log(), epoch: epoch! }, read, signal);
  return { ...more, checkpoint: start.positions.find(({ shard }) => shard === 's1')?.checkpoint };
}

test('a scan does not begin before images that another mapping made are older than its place in the log', async () => {
  const log = await mixedLog();
  const waits = { isSwitching: false, notBeforeMs: at(25).getTime() };
  expect(await beginning(log, 23)).toEqual({ ...waits, checkpoint: 1 });
  expect(await beginning(log, 24)).toEqual({ ...waits, checkpoint: 1 });
  expect(await beginning(log, 25)).toEqual({ isSwitching: false, checkpoint: 2 });
  expect(await beginning(log, 30)).toEqual({ isSwitching: false, checkpoint: 3 });
});

test('while a shard’s newest images are of another mapping, the next ones may be, too', async () => {
  const log = await mixedLog();
  expect(await beginning(log, 26, 'later')).toEqual({
    ...{ isSwitching: true, notBeforeMs: at(27).getTime(), checkpoint: 2 },
  });
  expect(await beginning(log, 40, 'later')).toEqual({ isSwitching: true, checkpoint: 3 });
});

test('an export must be younger than they are', async () => {
  const log = await mixedLog();
  await expect(beginning(log, 23, 'now', true)).rejects.toMatchObject({
    code: 'ExportTooOld',
    message: expect.stringContaining('2026-11-30T08:25:00.000Z or later'),
  });
  expect(await beginning(log, 26, 'now', true)).toEqual({ isSwitching: false, checkpoint: 2 });
});
