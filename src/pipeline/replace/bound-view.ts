import {
  type Catalogue,
  type ColumnGrant,
  type Comment,
  type DefaultGrant,
  type RelationGrant,
  relationsWithColumns,
} from './catalogue.ts';
import type { RelationName } from './view-graph.ts';
import { readViewText } from './view-text.ts';

/** A bound view as it is before the swap: everything that it takes to recreate it. */
export interface BoundView extends RelationName {
  readonly owner: string | undefined;
  /** Undefined if it cannot be recreated from what the catalogue says. */
  readonly query: string | undefined;
  readonly isMaterialized: boolean;
  /** What it reads, views included. */
  readonly reads: readonly RelationName[];
  /** The columns of live's relations that it reads, as far as the catalogue knows. */
  readonly columns: readonly { readonly relation: string; readonly column: string }[];
  readonly grants: readonly RelationGrant[];
  readonly columnGrants: readonly ColumnGrant[];
  readonly comments: readonly Comment[];
  /** Grants that Redshift makes by itself to a view that the loading user creates in this schema. */
  readonly defaultGrants: readonly DefaultGrant[];
}

/**
 * Reads a bound view from its schema's catalogue.
 * @param everywhere default privileges for all schemas
 */
export function boundViewOf(
  { schema, name }: RelationName,
  { reads, columns }: Pick<BoundView, 'reads' | 'columns'>,
  catalogue: Catalogue,
  creator: string,
  everywhere: readonly DefaultGrant[],
): BoundView {
  const relation = catalogue.relations.find((one) => one.name === name);
  const definition = catalogue.views.find((view) => view.name === name)?.definition;
  const text = definition === undefined ? undefined : readViewText(definition);
  const isHere = (one: { readonly relation?: string }) => one.relation === name;
  return {
    schema,
    name,
    owner: relation?.owner,
    query: text?.kind === 'bound' && relationsWithColumns(catalogue).has(name) ? text.query : undefined,
    isMaterialized: text?.kind === 'materialized',
    reads,
    columns,
    grants: catalogue.relationGrants.filter(isHere),
    columnGrants: catalogue.columnGrants.filter(isHere),
    comments: catalogue.comments.filter(isHere),
    defaultGrants: [...everywhere, ...catalogue.defaultGrants].filter(
      ({ objectType, owner }) => objectType === 'RELATION' && owner === creator,
    ),
  };
}

/**
 * The bound views of a schema. pg_depend lists only those that read a relation. A view whose text and columns contradict
 * each other is not among them, and cannot be copied as a late-binding view either.
 */
export function boundViewsIn(catalogue: Catalogue): string[] {
  const withColumns = relationsWithColumns(catalogue);
  const views = new Set(catalogue.relations.filter(({ kind }) => kind === 'view').map(({ name }) => name));
  return catalogue.views
    .filter(
      ({ name, definition }) =>
        views.has(name) && withColumns.has(name) && readViewText(definition ?? '').kind === 'bound',
    )
    .map(({ name }) => name);
}
