import { readFileSync } from 'node:fs';
import { packageFile } from '../../src/installation/package-files.ts';

/** Sixty snapshots of the USGS feed of a day's earthquakes: `local/data/README.md` describes them. */
export const SNAPSHOTS: readonly string[] = Array.from(
  { length: 60 },
  (_, i) => `${String(i + 1).padStart(4, '0')}.csv.gz`,
);
/** Rows in all snapshots together. */
export const SNAPSHOT_ROWS = 10_959;
/** Earthquakes in them. */
export const EVENTS = 293;

/** A snapshot's file: CSV in one gzip member. */
export const snapshot = (name: string): Uint8Array => readFileSync(packageFile(`local/data/usgs/${name}`));
