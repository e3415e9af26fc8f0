import { RunEnd } from '../../pipeline/run/report.ts';
import { reportKey, reportPageKey } from '../../pipeline/run/run-directory.ts';
import type { RunRef } from '../../pipeline/run/run-ref.ts';
import { reportHtml } from '../../report/report-html.ts';
import { gatherReport } from '../../store/gather-report.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';

/**
 * Writes `report.json` and `report.html` from what the run directory holds and what the workflow reports. The last
 * workflow that works on a run overwrites the reports of those before it.
 */
export async function writeReport(
  deps: Dependencies,
  { ref, report }: { readonly ref: RunRef; readonly report: unknown },
): Promise<void> {
  const end = RunEnd.parse(report);
  await whileHeartbeating(
    () => 'gathering the report',
    async (signal) => {
      const store = deps.store(ref.bucket);
      const gathered = await gatherReport(store, ref, end, signal);
      await store.put(reportKey(ref), JSON.stringify(gathered), { signal, contentType: 'application/json' });
      await store.put(reportPageKey(ref), reportHtml(gathered), {
        signal,
        contentType: 'text/html; charset=utf-8',
      });
    },
  );
}
