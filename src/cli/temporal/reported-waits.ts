import type { ObjectStore } from '../../clients/object-store.ts';
import type { TableSource } from '../../clients/table-source.ts';
import { Waits } from '../../clients/waits.ts';
import { watchedSource, watchedStore } from '../../clients/watched-clients.ts';
import { paletteFor } from '../terminal/palette.ts';

/** Reports on stderr that a service does not answer. The clients retry for minutes before they report a failure. */

const REPORTED_AFTER_MS = 3_000;
const CHECK_EVERY_MS = 500;

const waits = new Waits({ service: REPORTED_AFTER_MS });
let isReporting = false;

export const reportedStore = (store: ObjectStore): ObjectStore => watchedStore(store, reported);
export const reportedSource = (source: TableSource): TableSource => watchedSource(source, reported);

function reported(): Waits {
  if (!isReporting) {
    isReporting = true;
    report((line) => process.stderr.write(`${paletteFor(process.stderr).yellow(line)}\n`));
  }
  return waits;
}

/** One line for a wait, and another one each time it has become twice as long. The command may end meanwhile. */
function report(say: (line: string) => void): void {
  let last: { readonly since: string; readonly ms: number } | undefined;
  setInterval(() => {
    const waiting = waits.current();
    if (waiting === undefined) return;
    const { since, why } = waiting;
    const ms = Date.now() - Date.parse(since);
    if (last?.since === since && ms < 2 * last.ms) return;
    last = { since, ms };
    say(why);
  }, CHECK_EVERY_MS).unref();
}
