import type { Dependencies } from '../runtime/dependencies.ts';

/** Whether a publication is made of the dataset, directly or through others. It keeps the generations that it was built from. */
export async function isPublished(
  deps: Pick<Dependencies, 'derivedDatasets' | 'publications'>,
  dataset: string,
): Promise<boolean> {
  const [derived, publications] = await Promise.all([deps.derivedDatasets(), deps.publications()]);
  const reached = new Set(Object.values(publications).flatMap(({ datasets }) => datasets));
  // A set is walked in the order of insertion, with what is added meanwhile.
  for (const name of reached) {
    const { inputs = {}, reference = {} } = Object.hasOwn(derived, name) ? (derived[name] ?? {}) : {};
    for (const input of [...Object.keys(inputs), ...Object.keys(reference)]) reached.add(input);
  }
  return reached.has(dataset);
}
