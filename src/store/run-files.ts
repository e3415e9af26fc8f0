import { Terminal } from '../clients/errors.ts';
import type { ObjectStore } from '../clients/object-store.ts';
import { GrownLayouts } from '../pipeline/run/grown-layouts.ts';
import { Manifest } from '../pipeline/run/manifest.ts';
import { Plan } from '../pipeline/run/plan.ts';
import {
  checkpointKey,
  grownLayoutsKey,
  manifestKey,
  observationKey,
  planKey,
  segmentDirectory,
} from '../pipeline/run/run-directory.ts';
import type { RunRef } from '../pipeline/run/run-ref.ts';
import { ObservationFile } from '../pipeline/run/seal/observation.ts';
import { Checkpoint } from '../pipeline/run/segments/checkpoint.ts';
import { type Document, findDocument } from './document.ts';
import { findUnchanging } from './joint-read.ts';

/**
 * The JSON documents of a run directory. Each is written once, by a claim, and never changed; only the observation may be
 * written by several attempts of the seal, always with the same content.
 */

export const planDocument = (store: ObjectStore, ref: RunRef): Document<Plan> => ({
  store,
  key: planKey(ref),
  schema: Plan,
});

export const observationDocument = (store: ObjectStore, ref: RunRef): Document<ObservationFile> => ({
  store,
  key: observationKey(ref),
  schema: ObservationFile,
});

export const manifestDocument = (store: ObjectStore, ref: RunRef): Document<Manifest> => ({
  store,
  key: manifestKey(ref),
  schema: Manifest,
});

/** @param step from 1 */
export const grownLayoutsDocument = (
  store: ObjectStore,
  ref: RunRef,
  step: number,
): Document<GrownLayouts> => ({ store, key: grownLayoutsKey(ref, step), schema: GrownLayouts });

export const checkpointDocument = (
  store: ObjectStore,
  ref: RunRef,
  segment: number,
  number: number,
): Document<Checkpoint> => ({ store, key: checkpointKey(ref, segment, number), schema: Checkpoint });

/** Undefined if there is no such run. */
export function findPlan(store: ObjectStore, ref: RunRef, signal?: AbortSignal): Promise<Plan | undefined> {
  return findDocument(planDocument(store, ref), signal);
}

/** @throws Terminal `RunNotFound`. */
export async function readPlan(store: ObjectStore, ref: RunRef, signal?: AbortSignal): Promise<Plan> {
  const plan = await findPlan(store, ref, signal);
  if (plan === undefined) {
    throw new Terminal(
      'RunNotFound',
      `There is no run ${ref.run} of pipeline ${ref.pipeline}: s3://${ref.bucket}/${planKey(ref)} does not exist. ` +
        'Check the name of the run. If it was pruned, start a new run, without "from".',
    );
  }
  return plan;
}

/** The plan of the run that read the source: this one's, or that of the run whose part files it takes, directly or not. */
export async function findSourcePlan(
  store: ObjectStore,
  ref: RunRef,
  signal?: AbortSignal,
): Promise<Plan | undefined> {
  const plan = await findPlan(store, ref, signal);
  return plan?.refersTo === undefined
    ? plan
    : findSourcePlan(store, { ...ref, run: plan.refersTo.run }, signal);
}

/** Undefined if the run is not sealed. */
export function findManifest(
  store: ObjectStore,
  ref: RunRef,
  signal?: AbortSignal,
): Promise<Manifest | undefined> {
  return findUnchanging(manifestDocument(store, ref), signal);
}

/** @throws Terminal `RunNotSealed`. */
export async function readManifest(store: ObjectStore, ref: RunRef, signal?: AbortSignal): Promise<Manifest> {
  const manifest = await findManifest(store, ref, signal);
  if (manifest === undefined) {
    throw new Terminal('RunNotSealed', `Run ${ref.run} has no manifest yet: start it from seal first.`);
  }
  return manifest;
}

/** All checkpoints of a segment, in order. Their numbers have no gaps: each is written after the one before. */
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

/** The same, one at a time: each is read only when the caller asks for it. @throws Terminal `CheckpointMissing` */
export async function* segmentCheckpoints(
  store: ObjectStore,
  ref: RunRef,
  segment: number,
  signal?: AbortSignal,
): AsyncGenerator<Checkpoint> {
  const keys: string[] = [];
  for await (const { key } of store.list(segmentDirectory(ref, segment), { signal })) keys.push(key);
  for (let number = 1; number <= keys.length; number++) {
    const document = checkpointDocument(store, ref, segment, number);
    const checkpoint = await findDocument(document, signal);
    if (checkpoint === undefined) {
      throw new Terminal(
        'CheckpointMissing',
        `Segment ${segment} of run ${ref.run} has ${keys.length} checkpoints, but not number ${number}: ` +
          `s3://${ref.bucket}/${document.key} was removed. Start a new run.`,
      );
    }
    yield checkpoint;
  }
}
