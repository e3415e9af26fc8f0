import { randomBytes } from 'node:crypto';
import type { ObjectStore } from '../../clients/object-store.ts';
import type { Check } from '../../contract/maintenance.ts';
import type { PipelineDefinition } from '../../pipeline/definition/pipeline-definition.ts';
import { pipelineDirectory } from '../../pipeline/run/run-directory.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { Checklist } from './checklist.ts';
import { clockFound } from './clock-found.ts';

/** A rule that deletes sooner may delete what a run waits with. */
const SHORT_DAYS = 30;

/** The bucket: there, ours to write, and true to its word about conditional puts, on which two writers rely. */
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
          `${region ?? 'not told'}` +
          `${warehouse.region === undefined ? '; COPY takes it to be the warehouse’s too' : `; COPY is told ${warehouse.region}`}`,
        ...(region !== undefined && warehouse.region !== undefined && region !== warehouse.region
          ? { state: 'problem' as const, whatToDo: `Set warehouse.region to ${region}, or leave it out.` }
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
        ? { found: 'on, with a rule for what is no longer current' }
        : {
            state: 'warning',
            found: 'on: what pruning deletes stays, and is paid for, as a noncurrent version',
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
        found: `rule ${short.id} deletes what is older than ${short.expiresAfterDays} days`,
        whatToDo:
          'A run that waits that long loses its files. Leave run directories to "tributary runs prune", or raise the days.',
      };
    },
    'unknown',
  );
  return list.checks;
}

const covers = (prefix: string, directory: string) => directory.startsWith(prefix);

/** Puts, reads and deletes one small object, and sees that conditions are kept. */
async function probe(store: ObjectStore, key: string, signal: AbortSignal) {
  const unsafe = (what: string) => ({
    state: 'problem' as const,
    found: `conditional puts are not honoured: ${what}`,
    whatToDo:
      'Do not run Tributary on this store: two attempts at once would overwrite each other’s checkpoints.',
  });
  const etag = await store.putNew(key, 'probe', { signal });
  try {
    if ((await store.putNew(key, 'probe again', { signal })) !== 'exists')
      return unsafe('If-None-Match did not refuse a key that was there');
    if (
      (await store.putIfMatch(key, 'other', '"00000000000000000000000000000000"', { signal })) !== 'changed'
    )
      return unsafe('If-Match did not refuse an ETag that was not the object’s');
    const read = await store.get(key, { signal });
    if (read === undefined || Buffer.from(read.body).toString() !== 'probe' || read.etag !== etag)
      return { state: 'problem' as const, found: 'what was put could not be read back as it was' };
  } finally {
    await store.delete([key], { signal });
  }
  return { found: 'put, read and deleted a probe; conditional puts are honoured' };
}
