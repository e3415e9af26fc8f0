import type { Catalogue } from './catalogue.ts';
import { grantsPlan } from './grants-plan.ts';

/**
 * The statements that give a new table of a live schema the grants and the owner of another table, such as its root. Grants on
 * single columns are not among them: they name the other table's columns.
 * @param catalogue of the schema, from before or after the table was created
 * @param created who creates it: its owner at first
 */
export function rightsLike(
  catalogue: Catalogue,
  {
    schema,
    like,
    table,
    createdBy,
  }: {
    readonly schema: string;
    readonly like: string;
    readonly table: string;
    readonly createdBy: string;
  },
): string[] {
  const owner = catalogue.relations.find(({ name }) => name === like)?.owner;
  const others = catalogue.relations.filter(({ name }) => name !== table);
  const relationGrants = catalogue.relationGrants
    .filter(({ relation }) => relation === like)
    .map((grant) => ({ ...grant, relation: table }));
  const shared = { ...catalogue, views: [], comments: [], columnGrants: [] };
  const from: Catalogue = {
    ...shared,
    relations: [...others, { name: table, kind: 'table', owner }],
    relationGrants: [
      ...catalogue.relationGrants.filter(({ relation }) => relation !== table),
      ...relationGrants,
    ],
  };
  const to: Catalogue = {
    ...shared,
    relations: [...others, { name: table, kind: 'table', owner: createdBy }],
  };
  return grantsPlan(from, to, { schema, ours: [table], when: 'after' });
}
