import type { z } from 'zod';
import { Terminal } from '../clients/errors.ts';
import type { ETag, ObjectStore } from '../clients/object-store.ts';
import { parseExactly } from '../pipeline/item/exact-json.ts';
import { Checkpoint } from '../pipeline/run/checkpoint.ts';
import { Manifest } from '../pipeline/run/manifest.ts';
import { Plan } from '../pipeline/run/plan.ts';
import { checkpointKey, manifestKey, planKey, segmentDirectory } from '../pipeline/run/run-directory.ts';
import type { RunRef } from '../pipeline/run/run-ref.ts';

/** The JSON files of a run directory, parsed where they are read. */

/** Undefined where there is no such run. */
export function findPlan(store: ObjectStore, ref: RunRef, signal?: AbortSignal): Promise<Plan | undefined> {
  return readJson(store, planKey(ref), Plan, signal);
}

/** @throws Terminal `RunNotFound`. */
export async function readPlan(store: ObjectStore, ref: RunRef, signal?: AbortSignal): Promise<Plan> {
  const plan = await findPlan(store, ref, signal);
  if (plan === undefined) {
    throw new Terminal(
      'RunNotFound',
      `There is no run ${ref.run} of pipeline ${ref.pipeline}: s3://${ref.bucket}/${planKey(ref)} does not exist. ` +
        'Check the name of the run, or start a new run without "from", also where it was pruned.',
    );
  }
  return plan;
}

/** Undefined where the run is not sealed. */
export function findManifest(
  store: ObjectStore,
  ref: RunRef,
  signal?: AbortSignal,
): Promise<Manifest | undefined> {
  return readJson(store, manifestKey(ref), Manifest, signal);
}

/** @throws Terminal `RunNotSealed`. */
export async function readManifest(store: ObjectStore, ref: RunRef, signal?: AbortSignal): Promise<Manifest> {
  const manifest = await findManifest(store, ref, signal);
  if (manifest === undefined) {
    throw new Terminal('RunNotSealed', `Run ${ref.run} has no manifest yet: start it from seal first.`);
  }
  return manifest;
}

export function findCheckpoint(
  store: ObjectStore,
  ref: RunRef,
  segment: number,
  number: number,
  signal?: AbortSignal,
): Promise<Checkpoint | undefined> {
  return readJson(store, checkpointKey(ref, segment, number), Checkpoint, signal);
}

/** All checkpoints of a segment, the first first. Their numbers have no gaps: each is put after the one before. */
export async function readCheckpoints(
  store: ObjectStore,
  ref: RunRef,
  segment: number,
  signal?: AbortSignal,
): Promise<Checkpoint[]> {
  const checkpoints: Checkpoint[] = [];
  for await (const checkpoint of segmentCheckpoints(store, ref, segment, signal))
    checkpoints.push(checkpoint);
  return checkpoints;
}

/** The same, one at a time: each is only read when it is asked for. @throws Terminal `CheckpointMissing` */
export async function* segmentCheckpoints(
  store: ObjectStore,
  ref: RunRef,
  segment: number,
  signal?: AbortSignal,
): AsyncGenerator<Checkpoint> {
  const keys: string[] = [];
  for await (const { key } of store.list(segmentDirectory(ref, segment), { signal })) keys.push(key);
  for (let number = 1; number <= keys.length; number++) {
    const checkpoint = await findCheckpoint(store, ref, segment, number, signal);
    if (checkpoint === undefined) {
      throw new Terminal(
        'CheckpointMissing',
        `Segment ${segment} of run ${ref.run} has ${keys.length} checkpoints, but not number ${number}: ` +
          `s3://${ref.bucket}/${checkpointKey(ref, segment, number)} was removed. Start a new run.`,
      );
    }
    yield checkpoint;
  }
}

export async function readJson<Schema extends z.ZodType>(
  store: ObjectStore,
  key: string,
  schema: Schema,
  signal: AbortSignal | undefined,
): Promise<z.output<Schema> | undefined> {
  return (await readVersion(store, key, schema, 'Start a new run.', signal))?.value;
}

/** A JSON file with the ETag of the version that was read. @param whatToDo where it cannot be understood */
export async function readVersion<Schema extends z.ZodType>(
  store: ObjectStore,
  key: string,
  schema: Schema,
  whatToDo: string,
  signal: AbortSignal | undefined,
): Promise<{ readonly value: z.output<Schema>; readonly etag: ETag } | undefined> {
  const object = await store.get(key, { signal });
  if (object === undefined) return undefined;
  const damaged = (how: string) =>
    new Terminal('DamagedFile', `s3://${store.bucket}/${key} is ${how}. ${whatToDo}`);
  let value: unknown;
  try {
    value = parseExactly(Buffer.from(object.body).toString('utf8'));
  } catch (error) {
    throw damaged(`no JSON, as when it was cut off: ${(error as Error).message}`);
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw damaged(`not what this version of Tributary writes: ${issue?.message} at ${issue?.path.join('.')}`);
  }
  return { value: parsed.data, etag: object.etag };
}
