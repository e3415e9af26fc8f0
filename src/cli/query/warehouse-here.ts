import type { RedshiftDataWarehouse } from '../../clients/redshift/redshift-data-warehouse.ts';
import type { WarehouseTarget } from '../../clients/warehouse.ts';

/** A warehouse at the address of the environment. `useLocalStack` comes first. AWS's SDK is loaded here. */
export async function warehouseHere(target: WarehouseTarget): Promise<RedshiftDataWarehouse> {
  const [{ addressesFromEnvironment }, { createRedshiftDataWarehouse, redshiftDataClient }] =
    await Promise.all([
      import('../../clients/aws/addresses.ts'),
      import('../../clients/redshift/redshift-data-warehouse.ts'),
    ]);
  const client = redshiftDataClient(addressesFromEnvironment(process.env).redshiftData);
  return createRedshiftDataWarehouse({ client, target });
}
