import { randomBytes } from 'node:crypto';
import { Terminal } from '../../clients/errors.ts';
import type { Leftover, RemoveLeftoversInput, RemoveLeftoversResult } from '../../contract/maintenance.ts';
import { dropSchema } from '../../pipeline/replace/backups.ts';
import { batches } from '../../pipeline/sql/batches.ts';
import { contentsOf } from '../live/schema-contents.ts';
import { definitionFor } from '../runtime/definition-for.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { runTransaction } from '../sql/transaction.ts';
import { findLeftovers } from './find-leftovers.ts';

/**
 * Removes leftovers, each only if a new search still finds it. RESTRICT refuses to drop what a view reads, so that
 * stays.
 */
export async function removeLeftovers(
  deps: Dependencies,
  input: RemoveLeftoversInput,
): Promise<RemoveLeftoversResult> {
  const definition = await definitionFor(deps, input);
  const removed: string[] = [];
  const kept: string[] = [];
  await whileHeartbeating(
    () => `removing leftovers: ${removed.length} so far`,
    async (signal) => {
      const database = deps.warehouse(definition.warehouse);
      const bucket = deps.bucketMaintenance(definition.staging.bucket);
      const scope = randomBytes(16).toString('hex');
      const found = await findLeftovers(deps, input.pipeline, definition, signal);
      const now = new Map(found.leftovers.map((each) => [idOf(each), each]));
      for (const reported of input.leftovers) {
        const id = idOf(reported);
        const leftover = now.get(id);
        if (leftover === undefined) {
          kept.push(`${id}: it is already gone, or needed again`);
          continue;
        }
        try {
          if (leftover.kind === 'upload') {
            await bucket.abort({ ...leftover, startedAt: new Date(leftover.startedAt) }, { signal });
          } else {
            const { name, relations } = await contentsOf(database, leftover.name, signal);
            for (const statements of batches(dropSchema(name, relations))) {
              await runTransaction(database, { name: `tributary drop ${name}`, scope, statements }, signal);
            }
          }
          removed.push(id);
        } catch (error) {
          if (!(error instanceof Terminal)) throw error;
          kept.push(`${id}: ${error.message}`);
        }
      }
    },
  );
  return { removed, kept };
}

const idOf = (leftover: Leftover) =>
  leftover.kind === 'schema' ? `schema ${leftover.name}` : `upload ${leftover.uploadId} of ${leftover.key}`;
