import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { type Browser, chromium } from 'playwright-core';
import { loadWorkflowId, type Progress, QUERY_PROGRESS } from '../../../src/contract/refresh.ts';
import { ROOT } from '../../../src/pipeline/item/path.ts';
import { runDirectory } from '../../../src/pipeline/run/run-directory.ts';
import { tableFolder } from '../../../src/pipeline/run/segments/part-key.ts';
import { decompress } from '../../../src/store/part-buffer.ts';
import { BrokenSegments } from '../pipeline/broken-segments.ts';
import { uniqueName } from '../pipeline/harness.ts';
import { until } from '../pipeline/until.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { testStack } from '../setup/stack.ts';

const executablePath = process.env.TRIBUTARY_CHROMIUM ?? '/usr/bin/chromium';
const SCREEN = { width: 1400, height: 900 };
/** The longest that a browser step may take on a busy machine. */
const LONGEST_MS = 300_000;

(existsSync(executablePath) ? describe : describe.skip)("Temporal's Web UI, without scrolling,", () => {
  const harness = withHarness();
  let browser: Browser;
  const table = uniqueName('reviews');
  const broken = new BrokenSegments(harness.dependencies.source, [1]);

  beforeAll(async () => {
    await harness.createTable(
      table,
      Array.from({ length: 50 }, (_, i) => ({
        pk: { S: `p${i}` },
        sk: { S: 's' },
        stars: { BOOL: i % 2 === 0 },
      })),
    );
    broken.fix();
    await harness.startWorkers({ ...harness.dependencies, source: broken });
    browser = await chromium.launch({
      executablePath,
      timeout: LONGEST_MS,
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
    });
  });
  afterAll(async () => {
    await browser?.close();
  });

  /** Opens the page of a workflow that shows its current details. */
  async function detailsPage(workflowId: string) {
    const { runId } = await harness.client.workflow.getHandle(workflowId).describe();
    const page = await browser.newPage({ viewport: SCREEN });
    page.setDefaultTimeout(LONGEST_MS);
    const path = `namespaces/${harness.namespace}/workflows/${encodeURIComponent(workflowId)}/${runId}/user-metadata`;
    await page.goto(`${testStack().temporal.ui}/${path}`);
    return page;
  }

  /** Waits until each text is on the screen, in this order from top to bottom. */
  async function expectOnScreen(workflowId: string, ...texts: readonly (string | RegExp)[]) {
    const page = await detailsPage(workflowId);
    const details = page.frameLocator('iframe').first().locator('body');
    await details
      .getByText(texts[0] as string)
      .first()
      .waitFor();
    const shown = await details.innerText();
    for (const text of texts) expect(shown).toMatch(text);
    let above = 0;
    for (const text of texts) {
      const found = details.getByText(text).first();
      await found.waitFor();
      const box = (await found.boundingBox()) as { y: number; height: number };
      expect(box.y).toBeGreaterThanOrEqual(above);
      expect(box.y + box.height).toBeLessThanOrEqual(SCREEN.height);
      above = box.y;
    }
    await page.close();
  }

  const parked = async (input: Parameters<typeof harness.start>[0]) => {
    const handle = await harness.start(input);
    await until(
      () => handle.query<Progress>(QUERY_PROGRESS),
      ({ state }) => state === 'waiting',
    );
    return handle;
  };

  test('shows why a failed segment makes a run wait, and the command', async () => {
    broken.refuse();
    const { pipeline, definition } = harness.define(table, { source: { segments: 3 } });
    const handle = await parked({ pipeline, definition });
    broken.fix();
    await expectOnScreen(
      handle.workflowId,
      'Waiting for you in extract',
      /segment 1: segment is broken by this test/,
      /Allow the action, then run: tributary retry \S+ --segment 1/,
    );
    await handle.cancel();
  });

  test('shows the line, file, column, value and item of a refused row, and the command', async () => {
    const { pipeline, definition } = harness.define(table);
    const run = uniqueName('run');
    await (await harness.start({ pipeline, run, to: 'prepare' })).result();
    const directory = runDirectory({ prefix: definition.staging.prefix, pipeline, run });
    const keys: string[] = [];
    for await (const { key } of harness.store.list(`${directory}/data/${tableFolder(ROOT)}/`)) keys.push(key);
    const { body } = (await harness.store.get(keys[0]!))!;
    const text = (await decompress(keys[0]!, body)).replace(/^(.*?)"?(?:true|false)"?/m, '$1"3"');
    await harness.store.put(keys[0]!, await promisify(zlib.zstdCompress)(Buffer.from(text)));
    const handle = await parked({ pipeline, run, from: 'load' });
    const cause = new RegExp(
      `table ${table}: line 1 of s3://\\S+, column stars \\(.*value .3., item pk=.p\\d+`,
    );
    const action = new RegExp(`then run: tributary retry ${run} --table ${table}`);
    await expectOnScreen(handle.workflowId, 'Waiting for you in load', cause, action);
    // So does the load's own page, whose failure is not "Activity task failed".
    const failed = await harness.client.workflow
      .getHandle(loadWorkflowId(handle.workflowId, table))
      .result()
      .then(
        () => undefined,
        (error: Error) => error.cause as Error,
      );
    expect(failed?.message).toMatch(new RegExp(`^Failed: table ${table} .*: line 1 of s3://`));
    expect(failed?.message).toMatch(/then run: `tributary retry /);
    await handle.cancel();
  });

  test('shows what blocks a load, and the command', async () => {
    const { pipeline, schema } = harness.define(table, { warehouse: { timeLimits: { loadSeconds: 1 } } });
    const run = uniqueName('run');
    await (await harness.start({ pipeline, run, to: 'prepare' })).result();
    const blocker = new pg.Client({ connectionString: testStack().postgres.url });
    await blocker.connect();
    await blocker.query('BEGIN');
    await blocker.query(`LOCK TABLE "${schema}__${run}_1"."${table}" IN ACCESS SHARE MODE`);
    const handle = await parked({ pipeline, run, from: 'load' });
    await expectOnScreen(
      handle.workflowId,
      'Waiting for you in load',
      /Blocked by pid \d+/,
      new RegExp(`End what blocks the statement, .* run: tributary retry ${run} --table ${table}`),
    );
    await blocker.end();
    await handle.cancel();
  });

  test('shows that a healthy run has replaced the schema, and its report', async () => {
    const { pipeline } = harness.define(table);
    const handle = await harness.start({ pipeline });
    const { run } = await handle.result();
    await expectOnScreen(
      handle.workflowId,
      'Replaced',
      new RegExp(`tributary report ${run} --open`),
      '50 items',
    );
  });
});
