import type { ServiceAddress } from '../aws/aws-client.ts';
import type { Catalogue } from '../catalogue.ts';

/**
 * Finds catalogues by region, one client each. The AWS client is loaded when a catalogue is first called: a worker without
 * datasets never needs it.
 */
export function lateCatalogues(address: ServiceAddress): (region: string | undefined) => Catalogue {
  const loaded = new Map<string | undefined, Promise<Catalogue>>();

  async function load(region: string | undefined): Promise<Catalogue> {
    const { createGlueCatalogue, glueClient } = await import('./glue-catalogue.ts');
    return createGlueCatalogue({ client: glueClient({ ...address, region: region ?? address.region }) });
  }
  const catalogue = (region: string | undefined) => {
    const found = loaded.get(region) ?? load(region);
    loaded.set(region, found);
    return found;
  };

  return (region) => ({
    createDatabase: async (name, options) => await (await catalogue(region)).createDatabase(name, options),
    table: async (table, options) => await (await catalogue(region)).table(table, options),
    createTable: async (address, table, options) =>
      await (await catalogue(region)).createTable(address, table, options),
    updateTable: async (address, table, options) =>
      await (await catalogue(region)).updateTable(address, table, options),
    async *partitions(table, options) {
      yield* (await catalogue(region)).partitions(table, options);
    },
    createPartitions: async (address, partitions, options) =>
      await (await catalogue(region)).createPartitions(address, partitions, options),
    updatePartitions: async (address, partitions, options) =>
      await (await catalogue(region)).updatePartitions(address, partitions, options),
    deletePartitions: async (address, values, options) =>
      await (await catalogue(region)).deletePartitions(address, values, options),
  });
}
