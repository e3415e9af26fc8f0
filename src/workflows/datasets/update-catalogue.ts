import { proxyActivities, setCurrentDetails } from '@temporalio/workflow';
import type { DatasetControlActivities } from '../../contract/datasets/dataset-activities.ts';
import { catalogueText } from '../../contract/datasets/dataset-details.ts';
import type { CatalogueUpdate, UpdateCatalogueInput } from '../../contract/datasets/datasets.ts';
import { explainingFailure } from '../explaining-failure.ts';
import { refuseUnknownInput } from '../known-input.ts';
import { profiles } from '../profiles.ts';

const { reconcileCatalogue } = proxyActivities<DatasetControlActivities>(profiles.catalogue);

/**
 * Brings a dataset's table in the catalogue, and its partitions, to the current generations. Only this workflow writes there, and
 * its id makes it the only one. It can be started alone, at any time.
 */
export async function updateCatalogue(input: UpdateCatalogueInput): Promise<CatalogueUpdate> {
  refuseUnknownInput(input, { dataset: true });
  const { dataset } = input;
  const result = await explainingFailure(
    () => `Failed: the catalogue of ${dataset}`,
    () => ({
      fix: 'Fix the cause; the next run updates the catalogue',
      commands: [`tributary dataset run ${dataset}`],
      resumes: false,
    }),
    () => reconcileCatalogue.executeWithOptions({ summary: `the table of ${dataset}` }, [input]),
  );
  setCurrentDetails(`**Done**: ${catalogueText(result)}`);
  return result;
}
