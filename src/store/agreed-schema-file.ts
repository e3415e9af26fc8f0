import { Terminal } from '../clients/errors.ts';
import type { ObjectStore } from '../clients/object-store.ts';
import {
  currentSchemaKey,
  schemaHistoryDirectory,
  schemaHistoryKey,
} from '../pipeline/run/schema-directory.ts';
import { AgreedSchema } from '../pipeline/schema/agreed-schema.ts';
import { type Because, withCauses } from '../pipeline/schema/cause.ts';
import { diffLines, stoppingChanges } from '../pipeline/schema/drift.ts';
import { begun } from '../pipeline/schema/epoch.ts';
import type { OnDrift } from '../pipeline/schema/on-drift.ts';
import type { Bookmark } from './bookmark.ts';
import { findDocument } from './document.ts';

/** Where the agreed schema of a destination is. */
export interface AgreedLocation {
  readonly prefix: string;
  readonly pipeline: string;
  /** Absent for `warehouse`. */
  readonly destination?: string | undefined;
}

const SHOWN = 10;

/** The agreed schema of a destination: `schema/current.json`, with its revisions in `schema/history/`; or below `schema/<destination>/`. */
export const agreedSchema = (store: ObjectStore, at: AgreedLocation): Bookmark<AgreedSchema> => ({
  store,
  key: currentSchemaKey(at),
  schema: AgreedSchema,
  remedy: 'Put the newest version of history/, beside it, in its place.',
  revisionKey: ({ changedAt }) => schemaHistoryKey(at, changedAt),
});

/** Every revision, the oldest first. The newest comes from current.json: its history file may not be written yet. */
export async function agreedRevisions(store: ObjectStore, at: AgreedLocation): Promise<AgreedSchema[]> {
  const revisions = new Map<number, AgreedSchema>();
  for await (const { key } of store.list(schemaHistoryDirectory(at))) {
    const schema = await findDocument({ store, key, schema: AgreedSchema });
    if (schema !== undefined) revisions.set(schema.revision, schema);
  }
  const current = await findSchema(store, at);
  if (current !== undefined) revisions.set(current.revision, current);
  return [...revisions.values()].sort((a, b) => a.revision - b.revision);
}

/** What is agreed on; undefined if that is nothing yet, or nothing since a reset. */
export async function findAgreed(
  store: ObjectStore,
  at: AgreedLocation,
  signal?: AbortSignal,
): Promise<AgreedSchema | undefined> {
  return begun(await findSchema(store, at, signal));
}

/** The document itself: after a reset, it holds nothing but its epoch. */
export function findSchema(
  store: ObjectStore,
  at: AgreedLocation,
  signal?: AbortSignal,
): Promise<AgreedSchema | undefined> {
  return findDocument(agreedSchema(store, at), signal);
}

/** @throws Terminal `SchemaDrifted` with the changes that `onDrift` stops for, and how to accept them */
export function refuseDrift(
  before: AgreedSchema | undefined,
  after: AgreedSchema,
  {
    pipeline,
    run,
    onDrift,
    because,
  }: {
    readonly pipeline: string;
    readonly run: string;
    readonly onDrift: OnDrift;
    readonly because: Because;
  },
): void {
  const lines = diffLines(withCauses(stoppingChanges(before, after, onDrift), after, because));
  if (lines.length === 0) return;
  const more = lines.length > SHOWN ? `; and ${lines.length - SHOWN} more` : '';
  throw new Terminal(
    'SchemaDrifted',
    `Run ${run} of ${pipeline} does not fit the agreed schema, and onDrift stops for it, so nothing is replaced: ` +
      `${lines.slice(0, SHOWN).join('; ')}${more}. What was extracted is kept. To accept it: "tributary run ` +
      `${pipeline} --run ${run} --from seal --accept-drift". To refuse it, fix the items or the mapping and start a ` +
      'new run.',
  );
}
