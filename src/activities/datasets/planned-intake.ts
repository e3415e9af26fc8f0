import type { PlannedIntake } from '../../contract/datasets/dataset-activities.ts';
import type { IntakePlan } from '../../pipeline/datasets/documents.ts';

export type Planned = Omit<PlannedIntake, 'late'>;

/** @param batches that are to be read */
export const planned = ({ intake }: IntakePlan, batches: IntakePlan['batches']) => {
  const files = batches.flatMap((batch) => batch.files);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return { intake, files: files.length, bytes, batches: batches.map(({ number }) => number) };
};
