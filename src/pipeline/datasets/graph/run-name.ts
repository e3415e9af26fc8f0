/** What alerts call a run of several datasets, or of all. */
export const SEVERAL_DATASETS = 'datasets';

/** What alerts call a run of these datasets; undefined: of all. */
export const nameOfRun = (datasets: readonly string[] | undefined): string =>
  datasets?.length === 1 ? (datasets[0] as string) : SEVERAL_DATASETS;
