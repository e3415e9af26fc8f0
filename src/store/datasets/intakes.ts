import { randomUUID } from 'node:crypto';
import type { ListedObject } from '../../clients/object-store.ts';
import {
  batchKey,
  beforeIntake,
  intakeClosedKey,
  intakeOf,
  intakePlanKey,
  intakesDirectory,
} from '../../pipeline/datasets/dataset-directory.ts';
import type { BatchResult, IntakePlan } from '../../pipeline/datasets/documents.ts';
import { type OpenIntake, unreadBatches } from '../../pipeline/datasets/intake/open-intake.ts';
import { amend } from '../bookmark.ts';
import { anyWriter, claim, writtenBy } from '../claim.ts';
import { findDocument } from '../document.ts';
import { forEachLimited } from '../for-each-limited.ts';
import { batchResult, type DatasetFiles, intakeClosed, intakeMark, intakePlan } from './dataset-documents.ts';
import { findKept } from './kept-documents.ts';

const AT_ONCE = 16;

/** The objects of an intake, by key. */
type Listed = ReadonlyMap<string, ListedObject>;

interface FoundIntakes {
  readonly open: readonly OpenIntake[];
  /** The greatest number so far; 0 if there is none. */
  readonly last: number;
}

/**
 * The intakes that are not closed, oldest first. Lists only those after the mark, so that years of closed ones cost nothing.
 * @throws Terminal `DamagedFile`
 */
export async function findIntakes(files: DatasetFiles, signal: AbortSignal): Promise<FoundIntakes> {
  const { store, at } = files;
  const from = (await findDocument(intakeMark(files), signal))?.from ?? 1;
  const listed = new Map<number, Map<string, ListedObject>>();
  for await (const object of store.list(intakesDirectory(at), {
    startAfter: beforeIntake(at, from),
    signal,
  })) {
    const intake = intakeOf(at, object.key);
    if (intake === undefined) continue;
    const own = listed.get(intake) ?? new Map<string, ListedObject>();
    own.set(object.key, object);
    listed.set(intake, own);
  }
  const open: OpenIntake[] = [];
  for (const [intake, own] of listed) {
    const found = own.get(intakePlanKey(at, intake));
    if (found === undefined || own.has(intakeClosedKey(at, intake))) continue;
    const plan = await findKept(intakePlan(files, intake), found, signal);
    if (plan === undefined) continue;
    const done = plan.batches.filter(({ number }) => own.has(batchKey(at, intake, number)));
    open.push({ plan, results: await batchResults(files, intake, done, signal, own) });
  }
  return { open, last: [...listed.keys()].reduce((most, intake) => Math.max(most, intake), from - 1) };
}

async function batchResults(
  files: DatasetFiles,
  intake: number,
  batches: IntakePlan['batches'],
  signal: AbortSignal,
  listed?: Listed,
): Promise<Map<number, BatchResult>> {
  const results = new Map<number, BatchResult>();
  await forEachLimited(
    batches,
    AT_ONCE,
    async ({ number }, each) => {
      const document = batchResult(files, intake, number);
      const found = listed?.get(document.key);
      const result = await (found === undefined
        ? findDocument(document, each)
        : findKept(document, found, each));
      if (result !== undefined) results.set(number, result);
    },
    signal,
  );
  return results;
}

/**
 * Intakes with their results, closed ones as well, the newest first. Numbers that are pruned are left out.
 * @param last the greatest number, as `findIntakes` has it
 */
export async function* intakesBackwards(
  files: DatasetFiles,
  last: number,
  signal: AbortSignal,
): AsyncGenerator<OpenIntake> {
  for (let intake = last; intake > 0; intake--) {
    const plan = await findDocument(intakePlan(files, intake), signal);
    if (plan !== undefined) yield { plan, results: await batchResults(files, intake, plan.batches, signal) };
  }
}

/**
 * Claims the next number for a plan. @returns undefined if another run has claimed it: its files are taken, so this run plans
 * again
 */
export async function claimIntake(
  files: DatasetFiles,
  plan: IntakePlan,
  signal: AbortSignal,
): Promise<IntakePlan | undefined> {
  const isMine = (found: IntakePlan) => found.attempt === plan.attempt;
  const { won } = await claim(intakePlan(files, plan.intake), plan, isMine, signal);
  return won ? plan : undefined;
}

/**
 * Closes a rebuild of which nothing is to be published. One of its batches is given up before: a reader of that batch may still be at
 * work, and once all are read, other runs publish them.
 * @returns false if all of its batches were read after all: it stays open, and is published
 */
export async function abandonIntake(
  files: DatasetFiles,
  intake: number,
  why: string,
  signal: AbortSignal,
): Promise<boolean> {
  const plan = await findDocument(intakePlan(files, intake), signal);
  if (plan !== undefined && !(await isFenced(files, plan, why, signal))) return false;
  const closedAt = new Date().toISOString();
  await claim(intakeClosed(files, intake), { version: 1, closedAt, abandoned: why }, anyWriter, signal);
  return true;
}

/** Gives up a batch that is not read. @returns whether one is given up */
async function isFenced(
  files: DatasetFiles,
  plan: IntakePlan,
  why: string,
  signal: AbortSignal,
): Promise<boolean> {
  const results = await batchResults(files, plan.intake, plan.batches, signal);
  if ([...results.values()].some(({ parked }) => parked !== undefined)) return true;
  for (const { number } of unreadBatches({ plan, results })) {
    const failure = { code: 'RebuildRefused', error: why };
    const parked = parkedBatch(plan, number, failure);
    const { value } = await claim(
      batchResult(files, plan.intake, number),
      ...([parked, writtenBy(parked.attempt), signal] as const),
    );
    if (value.parked !== undefined) return true;
  }
  return false;
}

/** The result of a batch that is given up. */
export const parkedBatch = (
  { intake, code }: Pick<IntakePlan, 'intake' | 'code'>,
  batch: number,
  parked: NonNullable<BatchResult['parked']>,
): BatchResult => ({
  ...{ version: 1, intake, batch, attempt: randomUUID(), code, missing: [], damaged: [], partitions: [] },
  records: 0,
  rejects: { count: 0 },
  parked,
});

/** Notes that all intakes below a number are closed. */
export async function markIntakes(files: DatasetFiles, from: number, signal: AbortSignal): Promise<void> {
  await amend(
    intakeMark(files),
    (before) => (before !== undefined && before.from >= from ? before : { version: 1 as const, from }),
    signal,
  );
}
