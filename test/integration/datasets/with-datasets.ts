import { beforeAll } from '@jest/globals';
import { RecordModules } from '../../../src/activities/datasets/record-modules.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { KnownDataset } from './known-dataset.ts';
import { WriteGates } from './write-gates.ts';

export interface Datasets {
  /** Over the writes of the workers. */
  readonly gates: WriteGates;
  /** A dataset that the workers know. @param more of its definition @param module its text */
  create(more?: Record<string, unknown>, module?: string): KnownDataset;
}

/** Workers for the tests of a file, which know all datasets that these create. */
export function withDatasets(): Datasets {
  const harness = withHarness();
  const gates = new WriteGates();
  const known = new Map<string, KnownDataset>();
  beforeAll(async () => {
    const { dependencies } = harness;
    await harness.startWorkers({
      ...dependencies,
      store: (bucket) => gates.over(dependencies.store(bucket)),
      datasets: async () =>
        Object.fromEntries([...known].map(([name, { definition }]) => [name, definition])),
      // Their modules have absolute paths.
      recordModules: new RecordModules(() => '/'),
    });
  });
  return {
    gates,
    create(more, module) {
      const dataset = new KnownDataset(harness, more, module);
      known.set(dataset.name, dataset);
      return dataset;
    },
  };
}
