import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { startCommand } from './command-line.ts';

describe('the demo', () => {
  const directory = mkdtempSync(join(tmpdir(), 'tributary-demo-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test('copies the Nobel prizes, merges files that arrive, answers its questions and leaves nothing behind, even if two run at once', async () => {
    const both = [
      startCommand(['demo'], { directory }),
      startCommand(['demo', '--segments', '9'], { directory }),
    ];
    for (const demo of both) {
      const { code, stdout } = await demo.ended;
      expect(stdout).toMatch(/nobel +1,680 /);
      expect(stdout).toMatch(/nobel__prizes +1,012 /);
      expect(stdout).toMatch(/nobel__prizes__affiliations +1,094 /);
      expect(stdout).toMatch(/nobel__laureates +1,012 /);
      expect(stdout).toMatch(/United States .* 297$/m);
      expect(stdout).toMatch(/Harvard University +29 /);
      expect(stdout).toMatch(/Batch 00000\d is parked.*line 9 of s3:.*0031\.csv\.gz/s);
      expect(stdout).toMatch(/landing\.quakes has 293 earthquakes/);
      expect(stdout).toMatch(/access_records has 3,600 rows/);
      expect(stdout).toMatch(/2026-11-03 +WEB +538 /);
      expect(stdout).toMatch(/ready +daily_stats 2026-10-30: transactions 2026-10-30 changed/);
      expect(stdout).toMatch(/One day, one month and its statements are rebuilt.*accounting\/2/);
      expect(stdout).toMatch(/The statements of 8 accounts equal the ledger's own totals/);
      expect(code).toBe(0);
    }
    expect(readdirSync(directory)).toEqual([]);
  });

  test('--keep shows where to look, and runs until Ctrl-C', async () => {
    const demo = startCommand(['demo', '--keep'], { directory });
    await demo.seen(/Temporal Web UI +http:\/\/127\.0\.0\.1:\d+/);
    demo.process.kill('SIGINT');
    expect(await demo.ended).toMatchObject({ code: 0 });
    expect(readdirSync(directory)).toEqual([]);
  });

  test('leaves nothing behind when it is interrupted', async () => {
    const demo = startCommand(['demo'], { directory });
    await demo.seen(/Starting/);
    demo.process.kill('SIGINT');
    expect(await demo.ended).toMatchObject({ code: 130 });
    expect(readdirSync(directory)).toEqual([]);
  });
});
