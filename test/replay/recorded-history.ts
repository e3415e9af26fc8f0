import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A workflow's history, as a released version recorded it. */
export interface RecordedHistory {
  readonly version: string;
  /** Replay uses this id, because the children's ids derive from it. */
  readonly workflowId: string;
  /** Replay uses this namespace, because the ids of alerts derive from it. Version 0.1.0 did not record it. */
  readonly namespace?: string;
  /** In the JSON format of Temporal's protocol. */
  readonly history: { readonly events: readonly object[] };
}

const directory = fileURLToPath(new URL('.', import.meta.url));

/** All recorded histories: `<version>/<name>` → history. */
export function recordedHistories(): Map<string, RecordedHistory> {
  const found = new Map<string, RecordedHistory>();
  for (const version of readdirSync(directory)) {
    if (!/^\d+\.\d+\.\d+$/.test(version) || !existsSync(`${directory}${version}`)) continue;
    for (const file of readdirSync(`${directory}${version}`)) {
      const text = readFileSync(`${directory}${version}/${file}`, 'utf8');
      found.set(`${version}/${file.replace(/\.json$/, '')}`, JSON.parse(text) as RecordedHistory);
    }
  }
  return found;
}

/** Without host names and paths, which replay does not need. */
export function withoutTraces(recorded: RecordedHistory): RecordedHistory {
  return JSON.parse(JSON.stringify(recorded), (key, value: unknown) => {
    if (key === 'stackTrace') return '';
    if (key === 'identity') return 'worker';
    // A worker's own queue, named by process and host.
    if (typeof value === 'string') return value.replace(/^\d+(?:-[0-9a-f]+)?@\S+$/, 'sticky');
    return value;
  }) as RecordedHistory;
}
