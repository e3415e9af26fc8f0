import { writeLock } from './dml.ts';
import { expression } from './expression.ts';
import { quoteLiteral } from './identifier.ts';
import { Scope } from './scope.ts';
import type { StatementBody } from './translated-statement.ts';
import type { RelationName, Translation } from './translation.ts';
import { NotSupported, RedshiftError } from './unsupported.ts';

/**
 * `MERGE INTO target USING source [AS alias] ON … WHEN MATCHED THEN … WHEN NOT MATCHED THEN …` (AWS: "MERGE"):
 * the source is a table, never a view or a subquery and never the target; there are exactly two actions, without
 * conditions; a target row may not match two source rows.
 */
export function merge(t: Translation): StatementBody {
  const { reader } = t;
  reader.expectWords('merge', 'into');
  const target = t.relationName();
  const targetName = t.target(target);
  reader.expectWords('using');
  if (reader.isOperator('('))
    throw new RedshiftError('MERGE source must be a table: a subquery is not supported', '0A000');
  const source = t.relationName();
  if (t.warehouse.lateBindingViews.has(`${source.schema ?? 'public'}.${source.name}`))
    throw viewAsSource(source);
  if (isSame(source, target))
    throw new RedshiftError('MERGE source and target cannot be the same table', '0A000');
  const sourceName = t.target(source);
  t.read.push(source);
  const known = reader.acceptWords('as') || !reader.isWords('on') ? reader.identifier() : undefined;
  const alias = known === undefined ? '' : ` AS ${t.names.quote(known)}`;
  t.scope = new Scope(undefined);
  t.scope.addTable(target.name, target.schema);
  t.scope.addTable(known ?? source.name, known === undefined ? source.schema : undefined);
  reader.expectWords('on');
  const condition = whole(t, () => expression(t));
  if (reader.acceptWords('remove', 'duplicates')) throw new NotSupported('MERGE … REMOVE DUPLICATES');
  reader.expectWords('when', 'matched', 'then');
  const matched = reader.acceptWords('delete') ? 'DELETE' : updateAction(t);
  reader.expectWords('when', 'not', 'matched', 'then', 'insert');
  const columns = reader.isOperator('(')
    ? ` (${reader.parenthesized(() => t.names.quote(reader.identifier())).join(', ')})`
    : '';
  reader.expectWords('values');
  const values = reader.parenthesized(() => whole(t, () => expression(t))).join(', ');
  return {
    command: 'MERGE',
    steps: [
      writeLock(targetName),
      `SELECT "_redshift_state"."require_table"(${quoteLiteral(sourceName)}::regclass)`,
      `MERGE INTO ${targetName} USING ${sourceName}${alias} ON ${condition} WHEN MATCHED THEN ${matched} WHEN NOT MATCHED THEN INSERT${columns} VALUES (${values})`,
    ],
  };
}

function updateAction(t: Translation): string {
  const { reader } = t;
  reader.expectWords('update', 'set');
  const changes = reader.list(() => {
    const column = t.names.quote(reader.identifier());
    if (reader.isOperator('.'))
      throw new RedshiftError('MERGE: do not name the table of the column to be set', '42601');
    reader.expectOperator('=');
    return `${column} = ${whole(t, () => expression(t))}`;
  });
  return `UPDATE SET ${changes.join(', ')}`;
}

/** A MERGE may name whole SUPER values, but not parts of them. */
function whole(t: Translation, read: () => string): string {
  const before = t.superNavigations;
  const text = read();
  if (t.superNavigations !== before)
    throw new RedshiftError(
      'Partial reference of SUPER column is not supported in MERGE statement.',
      '0A000',
    );
  return text;
}

function isSame(one: RelationName, other: RelationName): boolean {
  return one.name === other.name && (one.schema ?? 'public') === (other.schema ?? 'public');
}

function viewAsSource(source: RelationName): RedshiftError {
  return new RedshiftError(`MERGE source must be a table: "${source.name}" is a view`, '0A000');
}
