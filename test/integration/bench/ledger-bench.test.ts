import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { assertCorrection } from '../../../bench/ledger/assert-written.ts';
import { benchLedger } from '../../../bench/ledger/bench-ledger.ts';
import { ledgerText } from '../../../bench/ledger/report.ts';
import { testStack } from '../setup/stack.ts';

/** The benchmark of a ledger with few transactions. Times are not judged: the machine is busy. */
const onLinux = process.platform === 'linux' ? describe : describe.skip;

onLinux('the benchmark of a ledger', () => {
  const directory = mkdtempSync(join(tmpdir(), 'tributary-bench-ledger-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  test('a corrected day rewrites one day, one month and the statements that changed', async () => {
    const result = await benchLedger({
      ...{ addresses: testStack(), directory, cores: [], seed: 1 },
      ...{ transactions: 1000, accounts: 40, days: 3, correctedAccounts: 2 },
    });
    const [first, corrected, again] = result.runs;
    expect([first?.built, corrected?.built, again?.built]).toEqual([5, 3, 0]);
    expect(result.statements).toBe(40);
    expect(first?.writes.get('statements')?.texts).toHaveLength(40);
    const { texts = [] } = corrected?.writes.get('statements') ?? {};
    expect(texts).toHaveLength(2);
    expect(corrected?.writes.get('daily_stats')?.partitions).toEqual(['day=2026-11-02']);
    expect(ledgerText(result)).toContain('all 40 statements have the text that the generator computed');

    // What it asserts fails if another day, or another statement, was written.
    const file = { path: '', body: new Uint8Array(), bytes: 0 };
    const correction = { day: '2026-11-02', accounts: texts.map(Number), file };
    assertCorrection(corrected!.writes, correction);
    expect(() => assertCorrection(first!.writes, correction)).toThrow('Of transactions, day=2026-11-01, ');
    expect(() => assertCorrection(corrected!.writes, { ...correction, accounts: [1, 999] })).toThrow(
      'not of 1, 999',
    );
  });
});
