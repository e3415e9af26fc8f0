import { z } from 'zod';
import { DatasetDefinition } from '../../pipeline/datasets/definition.ts';
import { DerivedDefinition } from '../../pipeline/datasets/derived/definition.ts';

/** An entry of `datasets`: a source dataset, or with `sql` a derived one. */

export const isDerived = (written: unknown): boolean =>
  typeof written === 'object' && written !== null && Object.hasOwn(written, 'sql');

/** Problems are those of the kind that is meant. */
export const DatasetEntry = z
  .unknown()
  .transform((written, context): DatasetDefinition | DerivedDefinition => {
    const parsed = (isDerived(written) ? DerivedDefinition : DatasetDefinition).safeParse(written);
    if (parsed.success) return parsed.data;
    for (const issue of parsed.error.issues)
      context.issues.push({ ...issue, input: written } as z.core.$ZodRawIssue);
    return z.NEVER;
  });

/** The same for the JSON Schema of the file. */
export const EitherDataset = z.union([DatasetDefinition, DerivedDefinition]);

/** The source datasets, and the derived ones. */
export function divideDatasets(entries: Readonly<Record<string, DatasetDefinition | DerivedDefinition>>): {
  readonly datasets: Readonly<Record<string, DatasetDefinition>>;
  readonly derivedDatasets: Readonly<Record<string, DerivedDefinition>>;
} {
  const datasets: Record<string, DatasetDefinition> = {};
  const derivedDatasets: Record<string, DerivedDefinition> = {};
  for (const [name, entry] of Object.entries(entries)) {
    if ('sql' in entry) derivedDatasets[name] = entry;
    else datasets[name] = entry;
  }
  return { datasets, derivedDatasets };
}
