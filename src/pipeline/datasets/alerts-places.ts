import { datasetAlertsPlace } from './dataset-directory.ts';
import { SEVERAL_DATASETS } from './graph/run-name.ts';

interface Place {
  readonly bucket: string;
  readonly prefix: string;
}

/** Where the alerts of datasets are noted, by their names; those of runs of several are noted beside the first dataset's. */
export function alertsPlaces(
  datasets: Readonly<Record<string, { readonly store: Place }>>,
): Readonly<Record<string, Place>> {
  const places = Object.entries(datasets).map(
    ([name, { store }]) => [name, datasetAlertsPlace(store)] as const,
  );
  const [first] = places;
  return first === undefined ? {} : { [SEVERAL_DATASETS]: first[1], ...Object.fromEntries(places) };
}
