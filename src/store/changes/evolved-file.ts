import type { ObjectStore } from '../../clients/object-store.ts';
import { withEvolved } from '../../pipeline/apply/evolve-tables.ts';
import { Evolved, type EvolvedTable } from '../../pipeline/apply/evolved.ts';
import { evolvedKey } from '../../pipeline/run/run-directory.ts';
import type { RunRef } from '../../pipeline/run/run-ref.ts';
import { amend, type Bookmark } from '../bookmark.ts';
import { findDocument } from '../document.ts';

const evolvedFile = (store: ObjectStore, ref: RunRef): Bookmark<Evolved> => ({
  store,
  key: evolvedKey(ref),
  schema: Evolved,
  remedy: 'Refresh the destination: its next run has tables of its own.',
});

/** Undefined if changes have added nothing to the run's tables. */
export function findEvolved(
  store: ObjectStore,
  ref: RunRef,
  signal?: AbortSignal,
): Promise<Evolved | undefined> {
  return findDocument(evolvedFile(store, ref), signal);
}

/** Records what changes add to the run's tables, before it is added. @returns the whole record */
export function recordEvolved(
  store: ObjectStore,
  ref: RunRef,
  more: readonly EvolvedTable[],
  signal: AbortSignal,
): Promise<Evolved> {
  return amend(evolvedFile(store, ref), (before) => withEvolved(before, ref.run, more), signal);
}
