import { columnPath } from './column-path.ts';
import { expression, sortKey, startsQuery } from './expression.ts';
import { quoteIdentifier } from './identifier.ts';
import { Scope } from './scope.ts';
import { looksLikeSystemRelation, SYSTEM_RELATIONS } from './system-relations.ts';
import { RESERVED_WORDS } from './tokens/reserved-words.ts';
import { type RelationName, Translation } from './translation.ts';
import { NotSupported, RedshiftError } from './unsupported.ts';

/** `[WITH …] SELECT … [UNION …] [ORDER BY …] [LIMIT …] [OFFSET …]` as PostgreSQL text. */
export function query(t: Translation): string {
  const { reader } = t;
  const commonTableCount = t.commonTables.length;
  const outer = t.scope;
  const outerTop = takeTop(t);
  const out: string[] = [];
  if (reader.acceptWords('with')) out.push(commonTables(t));
  out.push(queryTerm(t));
  for (;;) {
    const operator = reader.acceptOneOf('union', 'intersect', 'except', 'minus');
    if (operator === undefined) break;
    const all = reader.acceptWords('all') ? ' ALL' : '';
    if (all !== '' && operator !== 'union') throw new NotSupported(`${operator.toUpperCase()} ALL`);
    t.scope = outer;
    if (takeTop(t) !== undefined) throw new NotSupported('TOP in a part of a UNION');
    out.push((operator === 'minus' ? 'EXCEPT' : operator.toUpperCase()) + all, queryTerm(t));
  }
  if (reader.acceptWords('order', 'by')) out.push(`ORDER BY ${reader.list(() => sortKey(t)).join(', ')}`);
  const top = takeTop(t);
  if (top !== undefined) out.push(`LIMIT ${top}`);
  t.top = outerTop;
  for (;;) {
    if (reader.acceptWords('limit')) out.push(`LIMIT ${reader.acceptWords('all') ? 'ALL' : expression(t)}`);
    else if (reader.acceptWords('offset')) out.push(`OFFSET ${expression(t)}`);
    else break;
  }
  t.commonTables.length = commonTableCount;
  t.scope = outer;
  return out.join(' ');
}

function takeTop(t: Translation): string | undefined {
  const { top } = t;
  t.top = undefined;
  return top;
}

function commonTables(t: Translation): string {
  const { reader } = t;
  const recursive = reader.acceptWords('recursive') ? 'RECURSIVE ' : '';
  const tables = reader.list(() => {
    const name = reader.identifier();
    const columns = reader.isOperator('(')
      ? ` (${reader.parenthesized(() => t.names.quote(reader.identifier())).join(', ')})`
      : '';
    reader.expectWords('as');
    reader.expectOperator('(');
    if (recursive !== '') t.commonTables.push(name);
    const body = query(t);
    reader.expectOperator(')');
    if (recursive === '') t.commonTables.push(name);
    return `${t.names.quote(name)}${columns} AS (${body})`;
  });
  return `WITH ${recursive}${tables.join(', ')}`;
}

function queryTerm(t: Translation): string {
  const { reader } = t;
  if (reader.acceptOperator('(')) {
    const inner = query(t);
    reader.expectOperator(')');
    return `(${inner})`;
  }
  reader.expectWords('select');
  return select(t);
}

function select(t: Translation): string {
  const { reader } = t;
  const out = ['SELECT'];
  // FROM decides what the names before it mean, so it is read first.
  t.scope = new Scope(t.scope);
  const from = fromClause(t);
  let top = reader.acceptWords('top') ? String(reader.integer()) : undefined;
  if (reader.acceptWords('distinct')) {
    if (reader.isWords('on')) throw new RedshiftError('SELECT DISTINCT ON is not supported', '0A000');
    out.push('DISTINCT');
  } else reader.acceptWords('all');
  if (top === undefined && reader.acceptWords('top')) top = String(reader.integer());
  out.push(reader.list(() => selectItem(t)).join(', '));
  if (reader.isWords('into')) throw new NotSupported('SELECT INTO (use CREATE TABLE AS)');
  if (reader.acceptWords('from')) {
    if (from === undefined) throw reader.syntaxError();
    out.push(`FROM ${from.text}`);
    reader.position = from.end;
  }
  if (reader.acceptWords('where')) out.push(`WHERE ${expression(t)}`);
  if (reader.acceptWords('group', 'by')) out.push(`GROUP BY ${reader.list(() => groupKey(t)).join(', ')}`);
  if (reader.acceptWords('having')) out.push(`HAVING ${expression(t)}`);
  for (const word of ['qualify', 'connect', 'start', 'for']) {
    if (reader.isWords(word)) throw new NotSupported(`${word.toUpperCase()} in a SELECT`);
  }
  t.top = top;
  return out.join(' ');
}

/** Looks ahead for the FROM of this SELECT, reads it, and goes back. */
function fromClause(t: Translation): { text: string; end: number } | undefined {
  const { reader } = t;
  const start = reader.position;
  let depth = 0;
  for (; !reader.atEnd; reader.next()) {
    if (reader.isOperator('(')) depth++;
    else if (reader.isOperator(')')) depth--;
    if (depth < 0 || (depth === 0 && ENDS_SELECT_LIST.some((word) => reader.isWords(word)))) break;
  }
  if (depth !== 0 || !reader.acceptWords('from')) {
    reader.position = start;
    return undefined;
  }
  const text = reader.list(() => tableReference(t)).join(', ');
  const end = reader.position;
  reader.position = start;
  return { text, end };
}

const ENDS_SELECT_LIST = ['from', 'union', 'intersect', 'except', 'minus'];

function groupKey(t: Translation): string {
  const { reader } = t;
  const kind = reader.acceptOneOf('rollup', 'cube');
  if (kind !== undefined)
    return `${kind.toUpperCase()} (${reader.parenthesized(() => expression(t)).join(', ')})`;
  if (!reader.acceptWords('grouping', 'sets')) return expression(t);
  const sets = reader.parenthesized(() => (reader.isOperator('(') ? parenthesizedList(t) : expression(t)));
  return `GROUPING SETS (${sets.join(', ')})`;
}

function parenthesizedList(t: Translation): string {
  if (t.reader.isOperator(')', 1)) {
    t.reader.next();
    t.reader.next();
    return '()';
  }
  return `(${t.reader.parenthesized(() => expression(t)).join(', ')})`;
}

function selectItem(t: Translation): string {
  const { reader } = t;
  if (reader.acceptOperator('*')) {
    if (reader.isWords('exclude')) throw new NotSupported('SELECT * EXCLUDE');
    return '*';
  }
  const first = reader.position;
  const value = expression(t);
  // A path into a SUPER value gets the name of its last attribute.
  const attribute = value === t.lastNavigation ? reader.tokens.slice(first, reader.position) : [];
  const alias =
    acceptAlias(t, true) ?? attribute.findLast(({ kind }) => kind === 'word' || kind === 'quoted')?.value;
  return alias === undefined ? value : `${value} AS ${t.names.quote(alias)}`;
}

/** `[AS] name`. A reserved word needs AS or quotes. */
function acceptAlias(t: Translation, anyWordAfterAs: boolean): string | undefined {
  const { reader } = t;
  if (reader.acceptWords('as')) {
    if (!anyWordAfterAs && reader.peek().kind === 'word' && RESERVED_WORDS.has(reader.peek().value))
      throw reader.syntaxError();
    return reader.identifier();
  }
  const token = reader.peek();
  if (token.kind === 'quoted' || (token.kind === 'word' && !RESERVED_WORDS.has(token.value))) {
    if (token.kind === 'word' && NOT_ALIASES.has(token.value)) return undefined;
    return reader.identifier();
  }
  return undefined;
}

/** Not reserved, but they can follow a select item or a table. */
const NOT_ALIASES = new Set([
  'set',
  'values',
  'connect',
  'start',
  'returning',
  'at',
  'over',
  'within',
  'escape',
]);

export function tableReference(t: Translation): string {
  const { reader } = t;
  let out = tablePrimary(t);
  for (;;) {
    const natural = reader.acceptWords('natural') ? 'NATURAL ' : '';
    const kind = joinKind(t);
    if (kind === undefined) {
      if (natural !== '') throw reader.syntaxError();
      return out;
    }
    out += ` ${natural}${kind} ${tablePrimary(t)}`;
    if (natural !== '' || kind === 'CROSS JOIN') continue;
    if (reader.acceptWords('on')) out += ` ON ${expression(t)}`;
    else {
      reader.expectWords('using');
      out += ` USING (${reader.parenthesized(() => t.names.quote(reader.identifier())).join(', ')})`;
    }
  }
}

function joinKind(t: Translation): string | undefined {
  const { reader } = t;
  if (reader.acceptWords('join') || reader.acceptWords('inner', 'join')) return 'JOIN';
  if (reader.acceptWords('cross', 'join')) return 'CROSS JOIN';
  const side = reader.acceptOneOf('left', 'right', 'full');
  if (side === undefined) return undefined;
  reader.acceptWords('outer');
  reader.expectWords('join');
  return `${side.toUpperCase()} JOIN`;
}

function tablePrimary(t: Translation): string {
  const { reader } = t;
  if (reader.isOperator('(')) {
    if (startsQuery(t)) {
      reader.expectOperator('(');
      const inner = subquery(t);
      reader.expectOperator(')');
      return `(${inner})${aliasClause(t) ?? ''}`;
    }
    reader.expectOperator('(');
    const inner = tableReference(t);
    reader.expectOperator(')');
    return `(${inner})`;
  }
  if (reader.isWords('unnest') || reader.isWords('lateral') || reader.isWords('table')) {
    throw new NotSupported(`${reader.peek().text.toUpperCase()} in FROM`);
  }
  if (reader.peek().kind === 'word' && RESERVED_WORDS.has(reader.peek().value)) throw reader.syntaxError();
  if (reader.isWords('pg_get_late_binding_view_cols') && reader.isOperator('(', 1))
    return lateBindingColumns(t);
  if (beginsArray(t)) return arrayMembers(t);
  const relation = t.relationName();
  if (reader.isOperator('(')) throw new NotSupported(`the function ${relation.name.toUpperCase()} in FROM`);
  const source = relationSource(t, relation);
  const alias = aliasClause(t);
  if (alias === undefined) t.scope?.addTable(relation.name, relation.schema);
  return `${source.text}${alias ?? (source.needsAlias ? ` AS ${t.names.quote(relation.name)}` : '')}`;
}

/** A subquery in FROM does not see the other items of FROM. */
function subquery(t: Translation): string {
  const beside = t.scope;
  t.scope = beside?.outer;
  const text = query(t);
  t.scope = beside;
  return text;
}

/** `alias.column` of a table already named in this FROM, or a member of an array unnested before. */
function beginsArray(t: Translation): boolean {
  const kind = t.scope?.kindOf(t.reader.peek().value);
  return kind === 'element' || (kind === 'table' && t.reader.isOperator('.', 1));
}

/** `FROM t, t.items AS item [AT position]`: one row per member of the SUPER array, positions from 0 (AWS: "Unnesting"). */
function arrayMembers(t: Translation): string {
  const { reader } = t;
  const parts = [reader.identifier()];
  while (reader.acceptOperator('.')) parts.push(reader.identifier());
  const array = columnPath(t, parts);
  const member = reader.acceptWords('as') || !reader.isWords('at') ? reader.identifier() : parts.at(-1)!;
  const position = reader.acceptWords('at') ? reader.identifier() : undefined;
  t.scope?.addElement(member);
  if (position !== undefined) t.scope?.addElement(position);
  const columns = `e.value AS ${t.names.quote(member)}${position === undefined ? '' : `, e.position - 1 AS ${t.names.quote(position)}`}`;
  return `LATERAL (SELECT ${columns} FROM "_redshift"."array_members"(${array}) e) AS ${t.names.quote(member)}`;
}

function lateBindingColumns(t: Translation): string {
  const { reader } = t;
  const name = reader.identifier();
  reader.expectOperator('(');
  reader.expectOperator(')');
  t.functionsUsed.add(name);
  const alias = acceptAlias(t, false) ?? name;
  t.scope?.addTable(alias);
  if (!reader.isOperator('(')) return `"_redshift".${name}() AS ${t.names.quote(alias)}`;
  // Written with a column definition list, whose types are Redshift's own: names are kept, types are ours.
  const columns = reader.parenthesized(() => {
    const column = t.names.quote(reader.identifier());
    while (!reader.isOperator(',') && !reader.isOperator(')')) reader.next();
    return column;
  });
  return `"_redshift".${name}() AS ${t.names.quote(alias)} (${columns.join(', ')})`;
}

function aliasClause(t: Translation): string | undefined {
  const alias = acceptAlias(t, false);
  if (alias === undefined) return undefined;
  t.scope?.addTable(alias);
  const columns = t.reader.isOperator('(')
    ? ` (${t.reader.parenthesized(() => t.names.quote(t.reader.identifier())).join(', ')})`
    : '';
  return ` AS ${t.names.quote(alias)}${columns}`;
}

/** What a name in FROM is: a common table, a system view, a late-binding view (inlined), or a table. */
function relationSource(t: Translation, relation: RelationName): { text: string; needsAlias: boolean } {
  const { schema, name } = relation;
  if (schema === undefined && t.commonTables.includes(name))
    return { text: t.names.quote(name), needsAlias: false };
  if (schema === 'information_schema')
    throw new NotSupported(`information_schema.${name} (use svv_tables, svv_columns)`);
  if (schema === 'pg_catalog' || (schema === undefined && looksLikeSystemRelation(name))) {
    if (!SYSTEM_RELATIONS.has(name)) throw new NotSupported(`the system relation ${name}`);
    t.systemRelations.add(name);
    return { text: `"_redshift".${quoteIdentifier(name)}`, needsAlias: false };
  }
  const key = `${schema ?? 'public'}.${name}`;
  const definition = t.warehouse.lateBindingViews.get(key);
  if (definition !== undefined) return { text: `(${putInPlace(t, key, definition)})`, needsAlias: true };
  t.read.push(relation);
  return {
    text: schema === undefined ? t.names.quote(name) : `${t.names.quote(schema)}.${t.names.quote(name)}`,
    needsAlias: false,
  };
}

/** A late-binding view is inlined as text, and resolved at query time against the relations of those names. */
function putInPlace(t: Translation, key: string, definition: string): string {
  if (t.expanding.includes(key))
    throw new RedshiftError(`infinite recursion detected in rules for relation "${key}"`, '42P17');
  const inner = new Translation(definition, t.warehouse, new Map(), query, t.names);
  inner.expanding.push(...t.expanding, key);
  const text = query(inner);
  inner.reader.expectEnd();
  t.read.push(...inner.read);
  for (const name of inner.functionsUsed) t.functionsUsed.add(name);
  for (const name of inner.systemRelations) t.systemRelations.add(name);
  return text;
}
