import { setTimeout } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { WorkflowHandle } from '@temporalio/client';
import { EVENTS, SNAPSHOT_ROWS, SNAPSHOTS, snapshot } from '../../../local/demo/quakes.ts';
import { createAnnouncedQueue } from '../../../local/stack/announced-queue.ts';
import type { Row } from '../../clients/warehouse.ts';
import { type LoaderProgress, RETRY_BATCH } from '../../contract/loader/loader.ts';
import { QUERY_PROGRESS } from '../../contract/refresh.ts';
import { batchNumber } from '../../pipeline/loader/loader-directory.ts';
import { beginLoaders } from '../loader/begin-loaders.ts';
import { loadersHere, tableOf } from '../loader/loaders-here.ts';
import { connectTemporal } from '../temporal/temporal-connection.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { count, counted } from '../terminal/measures.ts';
import type { Palette } from '../terminal/palette.ts';
import { clipped, textTable, wrapped } from '../terminal/text-table.ts';
import { askWarehouse } from './ask-warehouse.ts';
import { CONFIG_FILE, type DemoStack } from './demo-stack.ts';
import { done, say, sayQuery } from './lines.ts';

/** The loader of local/demo/tributary.yaml. */
const LOADER = 'quakes';
const PREFIX = 'quakes/';
/** The snapshot that arrives damaged, and the cell that is damaged. */
const DAMAGED = '0031.csv.gz';
const LONGEST_WAIT_MS = 300_000;

const STRONGEST = `\
SELECT TO_CHAR(time, 'YYYY-MM-DD HH24:MI') AS utc, mag, place,
       TO_CHAR(updated, 'YYYY-MM-DD HH24:MI') AS revised
FROM landing.quakes
ORDER BY mag DESC, time
LIMIT 5`;

/**
 * The second act: sixty snapshots of a day's earthquakes are dropped into S3, and a loader merges them into one row per
 * earthquake. One file is damaged: its batch is parked, and the others are loaded. It is corrected and retried.
 */
export async function loadArrivingFiles(
  stack: DemoStack,
  signal: AbortSignal,
  colours: Palette,
): Promise<void> {
  const { addresses, warehouse, store } = stack;
  say('', colours.bold('Files that arrive in S3, merged into a live table'), '');
  const client = await connectTemporal({ ...addresses.temporal, from: 'the demo' });
  try {
    await createAnnouncedQueue(addresses, { name: LOADER, prefix: PREFIX });
    const loaders = await loadersHere(CONFIG_FILE);
    await Array.fromAsync(beginLoaders(client, loaders, [LOADER]));
    const handle = client.workflow.getHandle(tableOf(loaders, LOADER, CONFIG_FILE).workflowId);
    done(
      colours,
      `S3 announces ${PREFIX} to an SQS queue; loader ${LOADER} merges the files by id, the newest revision wins`,
    );

    const since = Date.now();
    for (const name of SNAPSHOTS) {
      const body = snapshot(name);
      await store.put(`${PREFIX}${name}`, name === DAMAGED ? damaged(body) : body, { signal });
    }
    done(
      colours,
      `${counted(SNAPSHOTS.length, 'file')} with ${count(SNAPSHOT_ROWS)} rows dropped, one of them damaged`,
      since,
    );

    const parked = await untilIdle(handle, signal, (progress) => progress.parkedTotal === 1);
    const [batch] = parked.parked;
    const { batches, files, rows } = parked.totals;
    done(
      colours,
      `${counted(batches, 'batch', 'batches')} loaded: ${counted(files, 'file')}, ${counted(rows, 'row')}`,
      since,
    );
    say(
      `${colours.yellow('!')} Batch ${batchNumber(batch!.batch)} is parked; the others were not delayed:`,
      ...wrapped(batch!.error.split(' Redshift ')[0]!.split(' Numbers ')[0]!, 76).map(
        (line) => `  ${colours.dim(line)}`,
      ),
    );

    const again = Date.now();
    await store.put(`${PREFIX}${DAMAGED}`, snapshot(DAMAGED), { signal });
    await handle.executeUpdate(RETRY_BATCH, { args: [batch!.batch] });
    await untilIdle(
      handle,
      signal,
      ({ parkedTotal, totals }) => parkedTotal === 0 && totals.rows === SNAPSHOT_ROWS,
    );
    const retry = `${TRIBUTARY} loader retry ${LOADER} ${batch!.batch}`;
    done(
      colours,
      `The file was corrected and dropped again, and the batch retried ${colours.dim(`(${retry})`)}`,
      again,
    );

    const [found] = await askWarehouse(
      warehouse,
      'SELECT COUNT(*) AS n, COUNT(DISTINCT id) AS ids FROM landing.quakes',
    );
    if (Number(found?.n) !== EVENTS || Number(found?.ids) !== EVENTS) {
      throw new Error(
        `landing.quakes holds ${found?.n} rows of ${found?.ids} earthquakes; expected ${EVENTS}.`,
      );
    }
    done(colours, `landing.quakes has ${EVENTS} earthquakes, each as it was last revised`);
    const strongest = await askWarehouse(warehouse, STRONGEST);
    sayQuery(colours, STRONGEST, strongestTable(strongest, colours));
  } finally {
    await client.connection.close();
  }
}

/** Waits until nothing is loaded or waits, and the loader is as wanted. @throws if it takes minutes */
async function untilIdle(
  handle: WorkflowHandle,
  signal: AbortSignal,
  isWanted: (progress: LoaderProgress) => boolean,
): Promise<LoaderProgress> {
  for (const untilMs = Date.now() + LONGEST_WAIT_MS; ; ) {
    const progress = await handle.query<LoaderProgress>(QUERY_PROGRESS);
    if (progress.state === 'idle' && progress.inbox.files === 0 && isWanted(progress)) return progress;
    if (Date.now() > untilMs)
      throw new Error(`The loader is not done after five minutes: ${JSON.stringify(progress)}`);
    await setTimeout(250, undefined, { signal });
  }
}

/** The same snapshot, but one magnitude is no number. */
function damaged(body: Uint8Array): Uint8Array {
  const lines = gunzipSync(body).toString('utf8').split('\n');
  const cells = lines[8]!.split(',');
  cells[4] = `M${cells[4]}`;
  lines[8] = cells.join(',');
  return gzipSync(lines.join('\n'));
}

function strongestTable(rows: readonly Row[], colours: Palette): string[] {
  return textTable(
    [
      { title: 'time (UTC)' },
      { title: 'mag', align: 'right' },
      { title: 'place' },
      { title: 'last revised' },
    ],
    rows.map(({ utc, mag, place, revised }) => [
      String(utc),
      Number(mag).toFixed(1),
      clipped(String(place), 30),
      String(revised),
    ]),
    colours.dim,
  );
}
