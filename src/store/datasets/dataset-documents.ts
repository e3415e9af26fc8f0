import type { ObjectStore } from '../../clients/object-store.ts';
import {
  approvalKey,
  batchKey,
  buildRecordKey,
  type DatasetLocation,
  generationKey,
  generationName,
  intakeClosedKey,
  intakeMarkKey,
  intakePlanKey,
  latePassKey,
  planKey,
  pointerIndexKey,
  pointerKey,
  prunedKey,
  publicationKey,
  takenKey,
  wholeListingKey,
} from '../../pipeline/datasets/dataset-directory.ts';
import { KeptPlan } from '../../pipeline/datasets/derived/kept-plan.ts';
import { Publication } from '../../pipeline/datasets/derived/publication.ts';
import {
  Approval,
  BatchResult,
  BuildRecord,
  Generation,
  IntakeClosed,
  IntakeMark,
  IntakePlan,
  LatePass,
  Pointer,
  PointerIndex,
  Pruned,
  PublishedGeneration,
  Taken,
  WholeListing,
} from '../../pipeline/datasets/documents.ts';
import type { Document } from '../document.ts';

/** A dataset's place in S3. */
export interface DatasetFiles {
  readonly store: ObjectStore;
  readonly at: DatasetLocation;
}

const remedy = 'Restore it from an earlier version of the object, or rebuild the partitions it concerns.';

export const intakePlan = ({ store, at }: DatasetFiles, intake: number): Document<IntakePlan> => ({
  ...{ store, key: intakePlanKey(at, intake), schema: IntakePlan, remedy },
});
export const intakeClosed = ({ store, at }: DatasetFiles, intake: number): Document<IntakeClosed> => ({
  ...{ store, key: intakeClosedKey(at, intake), schema: IntakeClosed },
  remedy: 'Delete it: the next run writes it again.',
});
export const intakeMark = ({ store, at }: DatasetFiles): Document<IntakeMark> => ({
  ...{ store, key: intakeMarkKey(at), schema: IntakeMark },
  remedy: 'Delete it: the next run lists all intakes and writes it again.',
});
export const batchResult = (
  { store, at }: DatasetFiles,
  intake: number,
  batch: number,
): Document<BatchResult> => ({
  ...{ store, key: batchKey(at, intake, batch), schema: BatchResult, remedy },
});
export const pointer = ({ store, at }: DatasetFiles, partition: string): Document<Pointer> => ({
  ...{ store, key: pointerKey(at, partition), schema: Pointer, remedy },
});
export const generation = (
  { store, at }: DatasetFiles,
  partition: string,
  { generation: number, id }: Pick<Generation, 'generation' | 'id'>,
): Document<Generation> => ({
  ...{ store, key: generationKey(at, partition, generationName(number, id)), schema: Generation, remedy },
});
/** The same, as readers need it: also that of a derived partition. */
export const publishedGeneration = (
  { store, at }: DatasetFiles,
  partition: string,
  { generation: number, id }: Pick<PublishedGeneration, 'generation' | 'id'>,
): Document<PublishedGeneration> => ({
  ...{ store, key: generationKey(at, partition, generationName(number, id)) },
  ...{ schema: PublishedGeneration, remedy },
});
export const buildRecord = (
  { store, at }: DatasetFiles,
  partition: string,
  id: string,
): Document<BuildRecord> => ({
  ...{ store, key: buildRecordKey(at, partition, id), schema: BuildRecord, remedy },
});
export const publicationFile = (
  { store, at }: DatasetFiles,
  name: string,
  number: number,
): Document<Publication> => ({
  ...{ store, key: publicationKey(at, name, number), schema: Publication },
  remedy:
    'Restore it from an earlier version of the object, or delete it: the next run publishes the group again.',
});
export const pointerIndex = ({ store, at }: DatasetFiles): Document<PointerIndex> => ({
  ...{ store, key: pointerIndexKey(at), schema: PointerIndex },
  remedy: 'Delete it: a worker writes it again.',
});
export const keptPlan = (
  { store, at }: DatasetFiles,
  { plannedAt, id }: Pick<KeptPlan, 'plannedAt' | 'id'>,
): Document<KeptPlan> => ({ store, key: planKey(at, plannedAt, id), schema: KeptPlan });
export const approval = ({ store, at }: DatasetFiles): Document<Approval> => ({
  ...{ store, key: approvalKey(at), schema: Approval },
  remedy: 'Delete it: partitions that are stale by code wait for an approval again.',
});
export const taken = ({ store, at }: DatasetFiles, folder: string): Document<Taken> => ({
  ...{ store, key: takenKey(at, folder), schema: Taken },
  remedy: 'Delete it, and restore it from what is published: `tributary dataset index <dataset> --rebuild`.',
});
export const prunedFile = ({ store, at }: DatasetFiles): Document<Pruned> => ({
  ...{ store, key: prunedKey(at), schema: Pruned },
  remedy: 'Delete it: the next run writes it again.',
});
export const wholeListingFile = ({ store, at }: DatasetFiles): Document<WholeListing> => ({
  ...{ store, key: wholeListingKey(at), schema: WholeListing },
  remedy: 'Delete it: the next run lists the whole source.',
});
export const latePassFile = ({ store, at }: DatasetFiles): Document<LatePass> => ({
  ...{ store, key: latePassKey(at), schema: LatePass },
  remedy: 'Delete it: the next run publishes rows for late days.',
});
