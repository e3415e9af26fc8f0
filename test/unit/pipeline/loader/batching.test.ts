import { describe, expect, test } from '@jest/globals';
import { BatchPlanner, type Limits, type WaitingPage } from '../../../../src/pipeline/loader/batching.ts';
import { fileId, type SourceFile } from '../../../../src/pipeline/loader/source-file.ts';

const START = Date.parse('2026-11-30T08:00:00Z');
const NONE: Limits = { maxFiles: 1000, maxBytes: 1e12, maxSeconds: 60 };

/** `a`: a file of 10 bytes, announced at the start; `b5000`: of 5,000 bytes; `c@30`: 30 seconds later. */
function file(name: string): SourceFile {
  const [, key = '', bytes = '10', seconds = '0'] = /^([a-z]+)(\d+)?(?:@(-?\d+))?$/.exec(name) ?? [];
  const at = new Date(START + Number(seconds) * 1000).toISOString();
  return { bucket: 'landing', key, etag: `e-${key}`, bytes: Number(bytes), at, loader: 'quakes' };
}

const page = (key: string, ...names: string[]): WaitingPage => ({
  key,
  files: names.map(file),
  modifiedMs: START + 3600_000,
});

function planned(
  limits: Partial<Limits>,
  pages: readonly WaitingPage[],
  { seconds = 0, open = [] }: { readonly seconds?: number; readonly open?: readonly string[] } = {},
) {
  const ids = new Set(open.map((name) => fileId(file(name))));
  const planner = new BatchPlanner({ ...NONE, ...limits }, (id) => ids.has(id));
  for (const each of pages) planner.add(each);
  const plan = planner.plan(START + seconds * 1000);
  if (plan.kind !== 'start') return plan;
  return { ...plan, files: plan.files.map(({ key }) => key).join('') };
}

describe('a batch starts', () => {
  test('once as many files wait as it may have, and not before', () => {
    expect(planned({ maxFiles: 3 }, [page('p1', 'a', 'b')])).toEqual({
      kind: 'wait',
      dueAtMs: START + 60_000,
    });
    expect(planned({ maxFiles: 3 }, [page('p1', 'a', 'b'), page('p2', 'c')])).toEqual({
      kind: 'start',
      reason: 'files',
      files: 'abc',
      pages: ['p1', 'p2'],
    });
  });

  test('once files of its size wait, and not before', () => {
    expect(planned({ maxBytes: 1000 }, [page('p1', 'a500', 'b499')])).toMatchObject({ kind: 'wait' });
    expect(planned({ maxBytes: 1000 }, [page('p1', 'a500', 'b500')])).toMatchObject({
      kind: 'start',
      reason: 'bytes',
      files: 'ab',
    });
  });

  test('once the oldest file has waited long enough, to the millisecond', () => {
    const pages = [page('p1', 'b@10', 'a')];
    expect(planned({}, pages, { seconds: 59.999 })).toEqual({ kind: 'wait', dueAtMs: START + 60_000 });
    expect(planned({}, pages, { seconds: 60 })).toMatchObject({ kind: 'start', reason: 'age', files: 'ba' });
  });

  test('never, if nothing waits', () => {
    expect(planned({}, [], { seconds: 1e6 })).toEqual({ kind: 'wait' });
  });

  test('five files with a batch size of two: two loads, and one file waits for its age', () => {
    const limits = { maxFiles: 2 };
    const first = planned(limits, [page('p1', 'a', 'b', 'c'), page('p2', 'd', 'e')]);
    expect(first).toEqual({ kind: 'start', reason: 'files', files: 'ab', pages: ['p1'], leftFrom: 2 });
    const second = planned(limits, [page('rest', 'c'), page('p2', 'd', 'e')]);
    expect(second).toEqual({
      kind: 'start',
      reason: 'files',
      files: 'cd',
      pages: ['rest', 'p2'],
      leftFrom: 1,
    });
    expect(planned(limits, [page('rest', 'e')])).toEqual({ kind: 'wait', dueAtMs: START + 60_000 });
  });
});

describe('a batch has', () => {
  test('no more files than allowed, also if they all wait long enough', () => {
    expect(planned({ maxFiles: 2 }, [page('p1', 'a'), page('p2', 'b', 'c')], { seconds: 100 })).toEqual({
      kind: 'start',
      reason: 'files',
      files: 'ab',
      pages: ['p1', 'p2'],
      leftFrom: 1,
    });
  });

  test('no more bytes than allowed: a file that does not fit is left over', () => {
    expect(planned({ maxBytes: 1000 }, [page('p1', 'a600', 'b600', 'c100')])).toEqual({
      kind: 'start',
      reason: 'bytes',
      files: 'a',
      pages: ['p1'],
      leftFrom: 1,
    });
  });

  test('a single file, if that is larger than allowed', () => {
    expect(planned({ maxBytes: 1000 }, [page('p1', 'a5000', 'b')])).toEqual({
      kind: 'start',
      reason: 'bytes',
      files: 'a',
      pages: ['p1'],
      leftFrom: 1,
    });
    expect(planned({ maxBytes: 1000 }, [page('p1', 'a'), page('p2', 'b5000')])).toEqual({
      kind: 'start',
      reason: 'bytes',
      files: 'a',
      pages: ['p1'],
    });
  });

  test('every file once, however often it is announced', () => {
    expect(planned({ maxFiles: 2 }, [page('p1', 'a', 'a'), page('p2', 'a')])).toMatchObject({ kind: 'wait' });
    expect(planned({ maxFiles: 2 }, [page('p1', 'a', 'a'), page('p2', 'a', 'b')])).toEqual({
      kind: 'start',
      reason: 'files',
      files: 'ab',
      pages: ['p1', 'p2'],
    });
  });

  test('both versions of a file that was overwritten', () => {
    const again = { ...file('a'), etag: 'other' };
    const pages = [page('p1', 'a'), { key: 'p2', files: [again], modifiedMs: START }];
    expect(planned({ maxFiles: 2 }, pages)).toMatchObject({ files: 'aa' });
  });

  test('no file of an open batch; a page of nothing else is dropped', () => {
    const pages = [page('p1', 'a'), page('p2', 'a', 'b', 'c')];
    expect(planned({ maxFiles: 2 }, pages, { open: ['a'] })).toEqual({
      kind: 'start',
      reason: 'files',
      files: 'bc',
      pages: ['p1', 'p2'],
    });
    expect(planned({ maxFiles: 2 }, pages, { open: ['a', 'b', 'c'] })).toEqual({
      kind: 'drop',
      pages: ['p1', 'p2'],
    });
  });

  test('no page that begins after it is full', () => {
    expect(planned({ maxFiles: 1 }, [page('p1', 'a'), page('p2', 'b')])).toEqual({
      kind: 'start',
      reason: 'files',
      files: 'a',
      pages: ['p1'],
    });
  });
});

test('a file whose time is wrong waits since its page was written', () => {
  const late = { ...file('a'), at: '2099-01-01T00:00:00Z' };
  const unreadable = { ...file('a'), at: 'yesterday' };
  for (const each of [late, unreadable]) {
    const planner = new BatchPlanner(NONE);
    planner.add({ key: 'p1', files: [each], modifiedMs: START });
    expect(planner.plan(START)).toEqual({ kind: 'wait', dueAtMs: START + 60_000 });
  }
});

test('what waits is counted with what is left over', () => {
  const planner = new BatchPlanner({ ...NONE, maxFiles: 2 });
  planner.add(page('p1', 'a100@5', 'b100', 'c100', 'a100@5'));
  expect(planner.isFull).toBe(true);
  expect(planner.waiting).toEqual({ files: 3, bytes: 300, oldestMs: START });
});

test('whatever the pages, the batches that follow each other hold every file once, within the limits', () => {
  let seed = 1;
  const random = (n: number) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % n;
  };
  for (let round = 0; round < 300; round++) {
    const limits = { maxFiles: 1 + random(5), maxBytes: 50 + random(200), maxSeconds: 60 };
    const names = Array.from(
      { length: random(20) },
      (_, i) => `${String.fromCharCode(97 + i)}${1 + random(120)}`,
    );
    let waiting: WaitingPage[] = [];
    for (let from = 0, n = 0; from < names.length; n++) {
      const to = from + 1 + random(6);
      waiting.push(page(`p${String(n).padStart(2, '0')}`, ...names.slice(from, to)));
      from = to - (to < names.length && random(3) === 0 ? 1 : 0);
    }
    const loaded: string[] = [];
    for (;;) {
      const planner = new BatchPlanner(limits);
      for (const each of waiting) if (!planner.isFull) planner.add(each);
      const plan = planner.plan(START + 60_000);
      if (plan.kind === 'wait') break;
      if (plan.kind === 'drop') throw new Error('nothing is open');
      const bytes = plan.files.reduce((sum, each) => sum + each.bytes, 0);
      expect(plan.files.length).toBeLessThanOrEqual(limits.maxFiles);
      expect(plan.files.length === 1 || bytes <= limits.maxBytes).toBe(true);
      loaded.push(...plan.files.map(({ key }) => key));
      const last = waiting.find(({ key }) => key === plan.pages.at(-1));
      const kept =
        plan.leftFrom === undefined || last === undefined
          ? []
          : [{ ...last, files: last.files.slice(plan.leftFrom) }];
      waiting = [...kept, ...waiting.filter(({ key }) => !plan.pages.includes(key))];
    }
    expect([...new Set(loaded)].sort()).toEqual(names.map((each) => file(each).key).sort());
    // A file that two pages announced may be in two batches, which follow each other: the ledger skips the second.
    expect(waiting).toEqual([]);
  }
});
