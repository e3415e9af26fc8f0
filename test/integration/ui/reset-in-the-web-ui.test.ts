import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Browser, chromium } from 'playwright-core';
import { type Progress, QUERY_PROGRESS, segmentWorkflowId } from '../../../src/contract/refresh.ts';
import { BrokenSegments } from '../pipeline/broken-segments.ts';
import { uniqueName } from '../pipeline/harness.ts';
import { until } from '../pipeline/until.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { testStack } from '../setup/stack.ts';

const executablePath = process.env.TRIBUTARY_CHROMIUM ?? '/usr/bin/chromium';

/** The longest that a browser step may take on a busy machine. */
const LONGEST_MS = 300_000;

(existsSync(executablePath) ? describe : describe.skip)("Temporal's Web UI in a browser", () => {
  const harness = withHarness();
  let browser: Browser;
  const table = uniqueName('items');

  beforeAll(async () => {
    await harness.createTable(
      table,
      Array.from({ length: 50 }, (_, i) => ({ pk: { S: `p${i}` }, sk: { S: 's' } })),
    );
    browser = await chromium.launch({
      executablePath,
      timeout: LONGEST_MS,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
      ],
    });
  });
  afterAll(async () => {
    await browser?.close();
  });

  test('shows why a run waits, and its Reset of the failed segment completes the run', async () => {
    const source = new BrokenSegments(harness.dependencies.source, [1]);
    await harness.startWorkers({ ...harness.dependencies, source });
    const { pipeline, schema, definition } = harness.define(table, { source: { segments: 3 } });
    const handle = await harness.start({ pipeline, definition });
    await until(
      () => handle.query<Progress>(QUERY_PROGRESS),
      (progress) => progress.state === 'waiting',
    );
    source.fix();
    const page = await browser.newPage({ viewport: { width: 1400, height: 1000 } });
    page.setDefaultTimeout(LONGEST_MS);
    const pageOf = async (workflowId: string) => {
      const { runId } = await harness.client.workflow.getHandle(workflowId).describe();
      return `${testStack().temporal.ui}/namespaces/${harness.namespace}/workflows/${encodeURIComponent(workflowId)}/${runId}`;
    };

    await page.goto(`${await pageOf(handle.workflowId)}/user-metadata`);
    // The Web UI shows Markdown in a separate frame.
    const shown = page.frameLocator('iframe').locator('body');
    await shown.getByText('Waiting for you in extract').waitFor();
    const details = await shown.innerText();
    expect(details).toContain('2 settled, 1 failed of 3 segments');
    expect(details).toContain('segment is broken by this test');

    await page.goto(`${await pageOf(segmentWorkflowId(handle.workflowId, 1))}/history`);
    await page.getByRole('button', { name: 'Reset' }).first().click();
    const dialog = page.locator('dialog[open]');
    await dialog.getByTestId('workflow-reset-event-id-select-button').click();
    await dialog.getByRole('option', { name: '4 - WorkflowTaskCompleted' }).click();
    await dialog.locator('input[type=text], input:not([type]):not([disabled])').last().fill('fixed');
    await dialog.getByRole('button', { name: 'Confirm' }).click();

    expect(await handle.result()).toMatchObject({ status: 'replaced', items: 50 });
    expect(await harness.rowsOf(schema, table)).toHaveLength(50);
  });
});
