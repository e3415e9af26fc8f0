import { randomBytes } from 'node:crypto';
import type { ObjectStore } from '../../clients/object-store.ts';
import type { Check } from '../../contract/maintenance.ts';
import type { PipelineDefinition } from '../../pipeline/definition/pipeline-definition.ts';
import { pipelineDirectory } from '../../pipeline/run/run-directory.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { Checklist } from './checklist.ts';
import { clockFound } from './clock-found.ts';

/** A lifecycle rule that deletes sooner may delete the files of a waiting run. */
const SHORT_DAYS = 30;

/** The bucket: it exists, we may write to it, and it honours conditional puts, on which two writers rely. */
export async function checkBucket(
  deps: Dependencies,
  pipeline: string,
  { staging, warehouse }: PipelineDefinition,
  signal: AbortSignal,
): Promise<Check[]> {
  const store = deps.store(staging.bucket);
  const maintenance = deps.bucketMaintenance(staging.bucket);
  const list = new Checklist('S3', signal);
  const directory = `${pipelineDirectory({ prefix: staging.prefix, pipeline })}/`;
  const reached = await list.ask('bucket', async (limited) => {
    const before = Date.now();
    const time = await maintenance.time({ signal: limited });
    const { whatToDo, ...clock } = clockFound('S3', time.getTime(), before, Date.now());
    return {
      ...clock,
      found: `${staging.bucket} answers; ${clock.found}`,
      ...(whatToDo && { whatToDo }),
    };
  });
  if (!reached) return list.checks;
  await list.ask('writing', (limited) =>
    probe(store, `${directory}check-${randomBytes(6).toString('hex')}`, limited),
  );
  await list.ask(
    'region',
    async (limited) => {
      const region = await maintenance.region({ signal: limited });
      return {
        found:
          `${region ?? 'unknown'}` +
          `${warehouse.region === undefined ? '; COPY assumes the warehouse’s region' : `; COPY uses ${warehouse.region}`}`,
        ...(region !== undefined && warehouse.region !== undefined && region !== warehouse.region
          ? { state: 'problem' as const, whatToDo: `Set warehouse.region to ${region}, or omit it.` }
          : {}),
      };
    },
    'unknown',
  );
  await list.ask(
    'versioning',
    async (limited) => {
      if ((await maintenance.versioning({ signal: limited })) === 'off') return { found: 'off' };
      const rules = await maintenance.lifecycle({ signal: limited });
      const covered = rules.some(
        (rule) => rule.noncurrentAfterDays !== undefined && covers(rule.prefix, directory),
      );
      return covered
        ? { found: 'on, with a rule that deletes noncurrent versions' }
        : {
            state: 'warning',
            found: 'on: pruned objects stay as noncurrent versions, and cost money',
            whatToDo: `Add a lifecycle rule on ${directory} that deletes noncurrent versions.`,
          };
    },
    'unknown',
  );
  await list.ask(
    'lifecycle',
    async (limited) => {
      const rules = await maintenance.lifecycle({ signal: limited });
      const short = rules.find(
        ({ prefix, expiresAfterDays: days }) =>
          days !== undefined &&
          days < SHORT_DAYS &&
          (covers(prefix, directory) || prefix.startsWith(directory)),
      );
      if (short === undefined) return { found: 'no rule deletes run directories within a month' };
      return {
        state: 'warning',
        found: `rule ${short.id} deletes objects after ${short.expiresAfterDays} days`,
        whatToDo:
          'A run that waits longer loses its files. Let "tributary runs prune" delete run directories, or raise the number of days.',
      };
    },
    'unknown',
  );
  return list.checks;
}

export const covers = (prefix: string, directory: string) => directory.startsWith(prefix);

/** Puts, reads and deletes one small object, and checks that conditional puts are honoured. */
export async function probe(store: ObjectStore, key: string, signal: AbortSignal) {
  const unsafe = (what: string) => ({
    state: 'problem' as const,
    found: `conditional puts are not honoured: ${what}`,
    whatToDo:
      'Do not run Tributary on this store: two concurrent attempts would overwrite each other’s checkpoints.',
  });
  const etag = await store.putNew(key, 'probe', { signal });
  try {
    if ((await store.putNew(key, 'probe again', { signal })) !== 'exists')
      return unsafe('If-None-Match accepted a key that exists');
    if (
      (await store.putIfMatch(key, 'other', '"00000000000000000000000000000000"', { signal })) !== 'changed'
    )
      return unsafe('If-Match accepted an ETag that is not the object’s');
    const read = await store.get(key, { signal });
    if (read === undefined || Buffer.from(read.body).toString() !== 'probe' || read.etag !== etag)
      return { state: 'problem' as const, found: 'the probe could not be read back as it was written' };
  } finally {
    await store.delete([key], { signal });
  }
  return { found: 'put, read and deleted a probe; conditional puts are honoured' };
}
