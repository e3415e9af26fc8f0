import { Context } from '@temporalio/activity';
import { reportKey } from '../pipeline/run-directory.ts';
import type { Dependencies } from './dependencies.ts';
import type { RunRef } from './interface.ts';

/** Writes `report.json`; the last workflow that worked on a run has the last word. */
export async function writeReport(
  deps: Dependencies,
  { ref, report }: { readonly ref: RunRef; readonly report: unknown },
): Promise<void> {
  const body = JSON.stringify({ version: 1, pipeline: ref.pipeline, ...(report as object) }, undefined, 2);
  await deps.store(ref.bucket).put(reportKey(ref), body, {
    signal: Context.current().cancellationSignal,
    contentType: 'application/json',
  });
}
