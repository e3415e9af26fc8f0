import { z } from 'zod';
import { DatasetDefinition } from '../../pipeline/datasets/definition.ts';
import { DerivedDefinition } from '../../pipeline/datasets/derived/definition.ts';
import { FetchedDefinition } from '../../pipeline/datasets/derived/fetched-definition.ts';

/** An entry of `datasets`: a source dataset, with `sql` or `function` a derived one, with `fetch` a fetched one. */

export const isDerived = (written: unknown): boolean =>
  typeof written === 'object' &&
  written !== null &&
  (Object.hasOwn(written, 'sql') || Object.hasOwn(written, 'function'));

export const isFetched = (written: unknown): boolean =>
  typeof written === 'object' && written !== null && Object.hasOwn(written, 'fetch');

const schemaOf = (written: unknown) =>
  isDerived(written) ? DerivedDefinition : isFetched(written) ? FetchedDefinition : DatasetDefinition;

type Dataset = DatasetDefinition | DerivedDefinition | FetchedDefinition;

/** Problems are those of the kind that is meant. */
export const DatasetEntry = z.unknown().transform((written, context): Dataset => {
  const parsed = schemaOf(written).safeParse(written);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues)
    context.issues.push({ ...issue, input: written } as z.core.$ZodRawIssue);
  return z.NEVER;
});

/** The same for the JSON Schema of the file. */
export const EitherDataset = z.union([DatasetDefinition, DerivedDefinition, FetchedDefinition]);

/** The datasets by kind. */
export function divideDatasets(entries: Readonly<Record<string, Dataset>>): {
  readonly datasets: Readonly<Record<string, DatasetDefinition>>;
  readonly derivedDatasets: Readonly<Record<string, DerivedDefinition>>;
  readonly fetchedDatasets: Readonly<Record<string, FetchedDefinition>>;
} {
  const datasets: Record<string, DatasetDefinition> = {};
  const derivedDatasets: Record<string, DerivedDefinition> = {};
  const fetchedDatasets: Record<string, FetchedDefinition> = {};
  for (const [name, entry] of Object.entries(entries)) {
    if ('inputs' in entry) derivedDatasets[name] = entry;
    else if ('fetch' in entry) fetchedDatasets[name] = entry;
    else datasets[name] = entry;
  }
  return { datasets, derivedDatasets, fetchedDatasets };
}
