import { addressesFromEnvironment } from '../../clients/aws/addresses.ts';
import { lateCatalogues } from '../../clients/glue/late-catalogue.ts';
import type { TableAddress, TableDefinition } from '../../pipeline/datasets/catalogue/catalogue-table.ts';
import { foreignPartitions } from '../../pipeline/datasets/catalogue/plan-partitions.ts';
import { planTable, type Refusal, tableName } from '../../pipeline/datasets/catalogue/plan-table.ts';
import { counted } from '../terminal/measures.ts';

/** What a run would find in the catalogue. */
export interface CatalogueCheck {
  readonly state: 'missing' | 'behind' | 'current' | Refusal['code'];
  readonly partitions: number;
  readonly message: string;
}

/**
 * Compares the table in the catalogue with the one that the dataset is to have. It changes nothing.
 * @param region of the catalogue, if the configuration names it
 * @throws Terminal, Transient: those of Glue
 */
export async function checkCatalogue(
  address: TableAddress,
  table: TableDefinition,
  region: string | undefined,
): Promise<CatalogueCheck> {
  const catalogue = lateCatalogues(addressesFromEnvironment(process.env).glue)(region);
  const plan = planTable(address, table, await catalogue.table(address));
  const found = [];
  for await (const partition of catalogue.partitions(address)) found.push(partition);
  const partitions = found.length;
  const refused = ({ code: state, message }: Refusal) => ({ state, partitions, message });
  if (plan.kind === 'refuse') return refused(plan.refusal);
  const foreign = foreignPartitions(address, found);
  if (foreign !== undefined) return refused(foreign);
  const name = `${tableName(address)} in the Glue catalogue`;
  switch (plan.kind) {
    case 'create':
      return { state: 'missing', partitions, message: `${name} does not exist: the next run creates it.` };
    case 'update':
      return {
        ...{ state: 'behind', partitions },
        message: `${name} lacks columns, comments or parameters: the next run adds them.`,
      };
    case 'keep':
      return {
        ...{ state: 'current', partitions },
        message: `${name} is as the dataset describes it, with ${counted(partitions, 'partition')}.`,
      };
  }
}
