import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configPath, readConfig } from '../../config/read-config.ts';
import type { Report } from '../../pipeline/run/report.ts';
import { workflowPage } from '../../pipeline/text/web-ui.ts';
import { reportHtml } from '../../report/report-html.ts';
import { reportByTemporal, reportInConfiguredPlaces } from '../observe/find-report.ts';
import { reportLines } from '../observe/report-lines.ts';
import { chosenLocalStack, stackInUse, useLocalStack } from '../temporal/command-context.ts';
import { storesHere } from '../temporal/pipeline-store.ts';
import { temporalTarget } from '../temporal/temporal-target.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { asTypedHere, TRIBUTARY, WITH_CONFIG } from '../terminal/invocation.ts';
import { openInBrowser } from '../terminal/open-in-browser.ts';
import { paletteFor } from '../terminal/palette.ts';
import { whyNotWritten } from '../terminal/why-not-written.ts';

export interface ReportOptions {
  readonly open?: boolean;
  readonly html?: string;
  readonly json?: boolean;
  readonly config?: string;
}

export async function showReport(name: string | undefined, options: ReportOptions): Promise<ExitCode> {
  const report = await reportOf(name, options.config);
  if (options.json) process.stdout.write(`${JSON.stringify(report)}\n`);
  const page = await writePage(report, options, await webUiOf(report, options.config));
  // With --json, stdout is for the JSON only.
  const out = options.json ? process.stderr : process.stdout;
  const colours = paletteFor(out);
  if (!options.json && page === undefined) {
    const columns = Math.min(process.stdout.columns ?? 100, 100);
    const lines = reportLines(report, colours, columns);
    const more = `As a page: ${TRIBUTARY} report ${report.run} --open${WITH_CONFIG}, or ${report.directory}report.html`;
    out.write(`${[...lines, '', colours.dim(more)].join('\n')}\n`);
  }
  if (page !== undefined) out.write(`${page}\n`);
  if (page !== undefined && options.open && !(await openInBrowser(page))) {
    throw new CommandError(ExitCode.failed, `No program to open a page was found. Open it yourself: ${page}`);
  }
  return ExitCode.done;
}

async function reportOf(name: string | undefined, config: string | undefined): Promise<Report> {
  const stack = chosenLocalStack(config);
  useLocalStack(stack);
  const stores = storesHere();
  const found = name === undefined ? undefined : await reportInConfiguredPlaces(stores, name, config);
  if (found !== undefined) return found;
  const { connectTemporal } = await import('../temporal/temporal-connection.ts');
  const client = await connectTemporal(temporalTarget(stack));
  try {
    return await reportByTemporal(stores, client, name, config);
  } finally {
    await client.connection.close();
  }
}

/** Its workflow in the Web UI: that of the configuration, else the local stack's. Undefined if neither is known. */
async function webUiOf({ workflowId }: Report, config: string | undefined): Promise<string | undefined> {
  const { ui, namespace } = temporalTarget(stackInUse(config));
  const configured = await readConfig(configPath(config)).then(
    ({ alerts }) => alerts.webUi,
    () => undefined,
  );
  const webUi = configured ?? ui;
  return webUi === undefined ? undefined : workflowPage(webUi, { namespace, workflowId });
}

/** @returns the file that the page was written to, if one was requested. */
async function writePage(
  report: Report,
  { html, open }: ReportOptions,
  webUi: string | undefined,
): Promise<string | undefined> {
  const file = html ?? (open ? join(tmpdir(), `tributary-${report.pipeline}-${report.run}.html`) : undefined);
  if (file === undefined) return undefined;
  try {
    await writeFile(file, reportHtml(report, asTypedHere, { webUi }));
  } catch (error) {
    throw new CommandError(ExitCode.usage, `Cannot write the page to ${file}: ${whyNotWritten(error)}.`, {
      cause: error,
    });
  }
  return file;
}
