import type { Client } from '@temporalio/client';
import { NO_FIGURES } from '../observe/run-figures.ts';
import { jsonReport } from '../observe/run-report.ts';
import { ExitCode } from '../terminal/exit-code.ts';
import { TRIBUTARY, WITH_CONFIG } from '../terminal/invocation.ts';
import { watchRun } from './watch-run.ts';

/** After a run has been started: watches it with `--wait`, otherwise prints how to watch it. */
export async function afterStart(
  client: Client,
  started: { readonly workflowId: string; readonly pipeline: string; readonly run: string },
  options: { readonly wait?: boolean; readonly json?: boolean; readonly config?: string },
): Promise<ExitCode> {
  const out = options.json ? process.stderr : process.stdout;
  if (options.wait) {
    out.write('\n');
    return watchRun(client, { ...started, json: options.json ?? false, config: options.config });
  }
  out.write(`  Watch it: ${TRIBUTARY} status ${started.run} --wait${WITH_CONFIG}\n`);
  if (options.json) process.stdout.write(`${jsonReport(started.run, 'started', NO_FIGURES, 0)}\n`);
  return ExitCode.done;
}
