import type { Warehouse } from '../../clients/warehouse.ts';
import type { BoundView } from '../../pipeline/replace/bound-view.ts';
import { quoteIdentifier } from '../../pipeline/sql/identifier.ts';
import { refusedTexts } from './try-statements.ts';

/**
 * Whether Redshift accepts the definitions that it shows of bound views. That every definition can be sent again is not
 * documented.
 * @returns the views that cannot be created, with Redshift's reason.
 */
export async function viewsThatFail(
  database: Warehouse,
  views: readonly BoundView[],
  signal: AbortSignal,
): Promise<{ readonly view: BoundView; readonly reason: string }[]> {
  const refused = await refusedTexts(
    database,
    {
      what: 'views',
      texts: views.flatMap(({ query }) => query ?? []),
      statement: (query, schema, index) =>
        `CREATE VIEW ${schema}.${quoteIdentifier(`v${index}`)} AS ${query}`,
    },
    signal,
  );
  return views.flatMap((view) => {
    const reason = refused.get(view.query ?? '');
    return reason === undefined ? [] : [{ view, reason }];
  });
}
