import { randomBytes } from 'node:crypto';
import type { NeedsRefresh, SkipOrder } from '../../contract/changes/apply-activities.ts';
import type { AppliedRound } from '../../contract/changes/changes.ts';
import type { ApplyPlan } from '../../pipeline/changes/apply-plan.ts';
import { applyDirectory } from '../../pipeline/changes/change-directory.ts';
import { NULL_TEXT } from '../../pipeline/item/csv.ts';
import type { Position } from '../../pipeline/load/positions.ts';
import { counted } from '../../pipeline/text/measures.ts';
import type { LastImages } from '../../store/changes/last-images.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { watchStatement } from '../sql/watch-statement.ts';
import type { ImageReading } from './image-reading.ts';
import type { Destination } from './open-destination.ts';
import { rowsForTables } from './rows-for-tables.ts';
import { runApply } from './run-apply.ts';
import type { SchemaInUse } from './schema-in-use.ts';
import { removeFiles, writeFiles } from './write-files.ts';

/** What one transaction brings to a schema. */
interface Images {
  readonly images: LastImages;
  readonly reading: ImageReading;
  /** The epoch of the log that they come from. */
  readonly epoch: string;
  /** The positions that it writes: one at least. */
  readonly after: readonly Position[];
  readonly isStaging?: boolean;
  readonly skips?: readonly SkipOrder[] | undefined;
}

interface Course {
  readonly show: (doing: string) => void;
  /** The transaction may take long, and others need the memory. */
  readonly onRowsWritten: () => void;
  readonly signal: AbortSignal;
}

/**
 * Turns the images into rows, and replaces the rows of their keys in one guarded transaction.
 * @returns `again` if another process was faster: nothing was applied; `grown` if the tables are to get something before it is
 */
export async function applyImages(
  deps: Dependencies,
  destination: Destination,
  found: SchemaInUse,
  { images, reading, epoch, after, isStaging, skips }: Images,
  { show, onRowsWritten, signal }: Course,
): Promise<AppliedRound | 'again' | 'grown' | NeedsRefresh> {
  const { store, at, database, definition, warehouse, name } = destination;
  const startedMs = deps.nowMs();
  const changes = counted(images.changes, 'change');
  show(`making rows of ${changes}`);
  const prepared = await rowsForTables(deps, destination, found, { images, reading, skips }, signal);
  if (prepared === 'grown') {
    images.discard();
    return prepared;
  }
  if ('code' in prepared) return prepared;
  const attempt = randomBytes(8).toString('hex');
  const directory = applyDirectory(at, name, attempt);
  try {
    const { compression } = found.plan.definition.staging;
    const files = await writeFiles(
      { store, directory, epoch },
      { ...prepared, images },
      { key: found.plan.source.key, tables: prepared.tables, compression },
      signal,
    );
    const { iamRole, region } = warehouse;
    const plan: ApplyPlan = {
      ...{ schema: found.schema, marker: found.marker, attempt, before: found.positions, after },
      ...{ key: found.plan.source.key, keys: files.keys, tables: files.tables },
      ...{ bucket: store.bucket, nullText: NULL_TEXT, compression, iamRole, region },
      ...(isStaging === undefined ? {} : { isStaging }),
    };
    const applied = { changes: images.changes, keys: images.size, rows: files.rows };
    images.discard();
    prepared.made.files.discard();
    onRowsWritten();
    show(`applying ${changes} to ${found.schema}`);
    const watch = watchStatement({ database, warehouse, phase: 'load', signal });
    const isRedacted = definition.redactValues || found.plan.definition.redactValues;
    const outcome = await runApply({ database, store, watch, isRedacted }, plan, signal);
    if (outcome.kind === 'changed') return 'again';
    return {
      at: new Date(deps.nowMs()).toISOString(),
      seconds: (deps.nowMs() - startedMs) / 1000,
      ...applied,
      setAside: prepared.made.rejected.size,
    };
  } finally {
    prepared.made.files.discard();
    await removeFiles(store, directory, signal).catch(() => {});
  }
}
