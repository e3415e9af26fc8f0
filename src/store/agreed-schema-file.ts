import { isDeepStrictEqual } from 'node:util';
import { Terminal } from '../clients/errors.ts';
import type { ObjectStore } from '../clients/object-store.ts';
import { currentSchemaKey, schemaHistoryKey } from '../pipeline/run/schema-directory.ts';
import { AgreedSchema } from '../pipeline/schema/agreed-schema.ts';
import { diffLines, diffSchemas, hasDrift } from '../pipeline/schema/drift.ts';
import { readVersion } from './run-files.ts';

type Location = { readonly prefix: string; readonly pipeline: string };

const SHOWN = 10;
const JSON_FILE = { contentType: 'application/json' } as const;

/** The pipeline's agreed schema; undefined where no run or inference was sealed yet. */
export function readAgreed(store: ObjectStore, at: Location, signal?: AbortSignal) {
  const whatToDo = 'Put the newest version of schema/history/ in its place.';
  return readVersion(store, currentSchemaKey(at), AgreedSchema, whatToDo, signal);
}

/**
 * Changes the agreed schema: what is there is read, changed and put back only where it is still there; else read
 * and changed anew. So of two at once both changes are in, one after the other. Each revision stays in the history,
 * and an attempt that died before it was written there is made good by the next change.
 * @param change may answer undefined: then nothing is changed
 */
export async function updateAgreed<Next extends AgreedSchema | undefined>(
  store: ObjectStore,
  at: Location,
  signal: AbortSignal,
  change: (before: AgreedSchema | undefined) => Next,
): Promise<Next> {
  for (;;) {
    const current = await readAgreed(store, at, signal);
    const next = change(current?.value);
    if (next === undefined || isDeepStrictEqual(next, current?.value)) return next;
    const isRevision = next.revision !== current?.value.revision;
    if (isRevision && current !== undefined) await remember(store, at, current.value, signal);
    const key = currentSchemaKey(at);
    const body = JSON.stringify(next);
    const options = { signal, ...JSON_FILE };
    const answer =
      current === undefined
        ? await store.putNew(key, body, options)
        : await store.putIfMatch(key, body, current.etag, options);
    if (answer === 'exists' || answer === 'changed') continue;
    if (isRevision) await remember(store, at, next, signal);
    return next;
  }
}

async function remember(
  store: ObjectStore,
  at: Location,
  schema: AgreedSchema,
  signal: AbortSignal,
): Promise<void> {
  await store.putNew(schemaHistoryKey(at, schema.changedAt), JSON.stringify(schema), {
    signal,
    ...JSON_FILE,
  });
}

/**
 * `onDrift: stop`. The first agreement stops nothing: there is nothing yet to drift from.
 * @throws Terminal `SchemaDrifted` with what is new or wider, and how to accept it
 */
export function refuseDrift(
  before: AgreedSchema | undefined,
  after: AgreedSchema,
  { pipeline, run }: { readonly pipeline: string; readonly run: string },
): void {
  if (before === undefined) return;
  const diff = diffSchemas(before, after);
  if (!hasDrift(diff)) return;
  const lines = diffLines(diff);
  const more = lines.length > SHOWN ? `; and ${lines.length - SHOWN} more` : '';
  throw new Terminal(
    'SchemaDrifted',
    `Run ${run} of ${pipeline} does not fit the agreed schema, and onDrift is stop, so nothing is replaced: ` +
      `${lines.slice(0, SHOWN).join('; ')}${more}. What was extracted is kept. To accept it: "tributary run ` +
      `${pipeline} --run ${run} --from seal --accept-drift". To refuse it, mend the items or the mapping and start a ` +
      'new run.',
  );
}
