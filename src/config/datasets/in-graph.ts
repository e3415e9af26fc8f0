import type { TributaryConfig } from '../tributary-config.ts';

/** Whether a run of this dataset is one of a graph: it is made of others, or others are made of it. */
export function isInGraph(
  { datasets, derivedDatasets, fetchedDatasets }: TributaryConfig,
  dataset: string,
): boolean {
  if (Object.hasOwn({ ...derivedDatasets, ...fetchedDatasets }, dataset)) return true;
  const isRead = Object.values(derivedDatasets).some(
    ({ inputs, reference }) => Object.hasOwn(inputs, dataset) || Object.hasOwn(reference, dataset),
  );
  return Object.hasOwn(datasets, dataset) && isRead;
}
