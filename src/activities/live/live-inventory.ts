import type { Warehouse } from '../../clients/warehouse.ts';
import { boundViewOf, boundViewsIn } from '../../pipeline/replace/bound-view.ts';
import { type Catalogue, defaultGrantsOf } from '../../pipeline/replace/catalogue.ts';
import type { LiveSchema } from '../../pipeline/replace/inventory.ts';
import { surroundingsOf, surroundingsQueries } from '../../pipeline/replace/inventory-queries.ts';
import type { LiveState } from '../../pipeline/replace/live-state.ts';
import { qualifiedName, viewsToRecreate } from '../../pipeline/replace/view-graph.ts';
import { forEachLimited } from '../../store/for-each-limited.ts';
import { catalogueIn, queryNamed } from './live-schema.ts';

/** Schemas whose catalogues are read at once. */
const SCHEMAS_AT_ONCE = 4;

/** Everything that a swap of the live schema must account for, for `inventoryOf`. */
export async function observeInventory(
  database: Warehouse,
  schema: string,
  live: LiveState,
  signal: AbortSignal,
): Promise<LiveSchema> {
  const surroundings = surroundingsOf(
    await queryNamed(database, `tributary surroundings of ${schema}`, surroundingsQueries(schema), signal),
    defaultGrantsOf,
  );
  const catalogue = await catalogueIn(database, schema, signal);
  const { viewEdges, loader, defaultGrantsEverywhere } = surroundings;
  const views = viewsToRecreate(schema, boundViewsIn(catalogue), viewEdges);
  const catalogues = new Map<string, Catalogue>([[schema, catalogue]]);
  const others = [...new Set(views.map((view) => view.schema))].filter((other) => other !== schema);
  await forEachLimited(others, SCHEMAS_AT_ONCE, async (other) => {
    catalogues.set(other, await catalogueIn(database, other, signal));
  });
  const reads = Map.groupBy(viewEdges, ({ view }) => qualifiedName(view));
  const columns = Map.groupBy(surroundings.viewColumns, ({ view }) => qualifiedName(view));
  return {
    schema,
    live,
    catalogue,
    surroundings,
    boundViews: views.map((view) =>
      boundViewOf(
        view,
        {
          reads: (reads.get(qualifiedName(view)) ?? []).map((edge) => edge.reads),
          columns: (columns.get(qualifiedName(view)) ?? []).map(({ reads: { name: relation }, column }) => ({
            relation,
            column,
          })),
        },
        catalogues.get(view.schema) as Catalogue,
        loader.name,
        defaultGrantsEverywhere,
      ),
    ),
  };
}
