import { columnPath } from './column-path.ts';
import { DATE_PART_FIRST, FUNCTION_HOMES, TABLE_FUNCTIONS, VALUE_KEYWORDS } from './functions.ts';
import { quoteLiteral } from './identifier.ts';
import { specialCall } from './special-call.ts';
import { RESERVED_WORDS } from './tokens/reserved-words.ts';
import type { Translation } from './translation.ts';
import { parseTypeName, type TypeName } from './type-name.ts';
import { NotSupported, RedshiftError } from './unsupported.ts';

const INFIX = new Set([
  '+',
  '-',
  '*',
  '/',
  '%',
  '^',
  '=',
  '<',
  '>',
  '<=',
  '>=',
  '<>',
  '!=',
  '||',
  '~',
  '!~',
  '~*',
  '!~*',
  '~~',
  '!~~',
  '~~*',
  '!~~*',
  '&',
  '|',
  '#',
  '<<',
  '>>',
]);
/** PostgreSQL treats these as syntax, and has no function of that name. */
const GRAMMAR_FUNCTIONS = new Set(['coalesce', 'nullif', 'greatest', 'least']);
const PREFIX = new Set(['-', '+', '~', '@', '|/', '||/']);

/**
 * Reads one expression and returns its PostgreSQL text. Operators keep their order, and both databases give them the
 * same precedence, so no tree is built; operands are translated one by one.
 */
export function expression(t: Translation): string {
  const out: string[] = [];
  for (;;) {
    while (true) {
      if (t.reader.acceptWords('not')) out.push('NOT');
      else if (t.reader.peek().kind === 'operator' && PREFIX.has(t.reader.peek().value))
        out.push(t.reader.next().value);
      else break;
    }
    out.push(operand(t));
    if (!infixOperator(t, out)) return out.join(' ');
  }
}

/** Consumes what joins two operands, and whole postfix tests. @returns false at the end of the expression. */
function infixOperator(t: Translation, out: string[]): boolean {
  const { reader } = t;
  for (;;) {
    const token = reader.peek();
    if (token.kind === 'operator' && INFIX.has(token.value)) {
      out.push(reader.next().value);
      const quantifier = reader.acceptOneOf('any', 'all', 'some');
      if (quantifier === undefined) return true;
      reader.expectOperator('(');
      out.push(`${quantifier.toUpperCase()} (${t.query(t)})`);
      reader.expectOperator(')');
      continue;
    }
    if (token.kind !== 'word') return false;
    if (reader.acceptWords('and')) return out.push('AND') > 0;
    if (reader.acceptWords('or')) return out.push('OR') > 0;
    if (reader.acceptWords('escape')) return out.push('ESCAPE') > 0;
    if (reader.acceptWords('isnull')) out.push('IS NULL');
    else if (reader.acceptWords('notnull')) out.push('IS NOT NULL');
    else if (reader.acceptWords('is')) {
      const not = reader.acceptWords('not') ? ' NOT' : '';
      const test = reader.acceptOneOf('null', 'true', 'false', 'unknown');
      if (test === undefined) throw reader.syntaxError();
      out.push(`IS${not} ${test.toUpperCase()}`);
    } else {
      const not =
        reader.isWords('not') && ['in', 'between', 'like', 'ilike', 'similar'].includes(reader.peek(1).value);
      if (not) reader.next();
      const negated = not ? 'NOT ' : '';
      if (reader.acceptWords('between')) return out.push(`${negated}BETWEEN`) > 0;
      if (reader.acceptWords('like')) return out.push(`${negated}LIKE`) > 0;
      if (reader.acceptWords('ilike')) return out.push(`${negated}ILIKE`) > 0;
      if (reader.acceptWords('similar', 'to')) return out.push(`${negated}SIMILAR TO`) > 0;
      if (!reader.acceptWords('in')) return false;
      out.push(`${negated}IN ${parenthesized(t)}`);
    }
  }
}

/** `(query)` or `(expression, …)` */
function parenthesized(t: Translation): string {
  t.reader.expectOperator('(');
  const inner = startsQuery(t) ? t.query(t) : t.reader.list(() => expression(t)).join(', ');
  t.reader.expectOperator(')');
  return `(${inner})`;
}

export function startsQuery(t: Translation): boolean {
  let ahead = 0;
  while (t.reader.isOperator('(', ahead)) ahead++;
  const token = t.reader.peek(ahead);
  return token.kind === 'word' && (token.value === 'select' || (token.value === 'with' && ahead === 0));
}

function operand(t: Translation): string {
  const text = primary(t);
  return casts(t, text);
}

function casts(t: Translation, text: string): string {
  let cast = text;
  for (;;) {
    if (t.reader.acceptOperator('::')) cast = castTo(t, cast);
    else if (t.reader.acceptWords('at', 'time', 'zone')) cast = `(${cast} AT TIME ZONE ${operand(t)})`;
    else if (t.reader.isOperator('[')) throw new NotSupported('subscripts on anything but a column');
    else return cast;
  }
}

function castTo(t: Translation, text: string): string {
  const isSuper = text === t.lastNavigation || text === `(${t.lastNavigation})`;
  return castText(text, parseTypeName(t.reader, 'cast'), isSuper);
}

/**
 * A cast. A path into a SUPER value that does not fit the type is NULL (AWS: "Lax semantics"). A text
 * longer than VARCHAR(n) is cut to n bytes, between characters.
 */
function castText(text: string, type: TypeName, isSuper = false): string {
  if (type.kind === 'super') throw new NotSupported('casts to SUPER (use JSON_PARSE)');
  if (type.kind === 'varbyte') return `"_redshift"."to_varbyte"(${text}, 'utf8')`;
  const value = isSuper ? `"_redshift"."super_${type.kind}"(${text})` : text;
  if (type.kind === 'varchar' && type.physical !== 'varchar')
    return `"_redshift"."cut_bytes"((${value})::varchar, ${type.maxBytes})::${type.physical}`;
  return `${value}::${type.physical}`;
}

const GRAMMAR = { expression, operand, parenthesized, datePart, castTo, castText };

function primary(t: Translation): string {
  const { reader } = t;
  const token = reader.peek();
  if (token.kind === 'number') return reader.next().value;
  if (token.kind === 'string') return quoteLiteral(reader.next().value);
  if (token.kind === 'parameter') return t.parameter(reader.next().value);
  if (reader.isOperator('(')) return parenthesized(t);
  if (token.kind === 'quoted') return columnOrCall(t);
  if (token.kind !== 'word') throw reader.syntaxError();
  if (reader.isOperator('(', 1)) return specialCall(t, GRAMMAR) ?? columnOrCall(t);
  if (reader.acceptWords('case')) return caseExpression(t);
  if (token.value === 'approximate' && reader.isOperator('(', 2)) {
    reader.next();
    if (!reader.isWords('count')) throw new NotSupported(`APPROXIMATE ${reader.peek().text.toUpperCase()}`);
  }
  if (reader.acceptWords('interval')) return intervalLiteral(t);
  if (
    reader.peek(1).kind === 'string' &&
    (token.value === 'date' || token.value === 'timestamp' || token.value === 'timestamptz')
  ) {
    return `${parseTypeName(reader, 'cast').physical} ${quoteLiteral(reader.string())}`;
  }
  const keyword = VALUE_KEYWORDS.get(token.value);
  if (keyword !== undefined && !reader.isOperator('.', 1)) {
    reader.next();
    return keyword;
  }
  return columnOrCall(t);
}

function caseExpression(t: Translation): string {
  const { reader } = t;
  const out = ['CASE'];
  if (!reader.isWords('when')) out.push(expression(t));
  while (reader.acceptWords('when')) {
    out.push('WHEN', expression(t));
    reader.expectWords('then');
    out.push('THEN', expression(t));
  }
  if (reader.acceptWords('else')) out.push('ELSE', expression(t));
  reader.expectWords('end');
  return [...out, 'END'].join(' ');
}

function intervalLiteral(t: Translation): string {
  const text = t.reader.string();
  const unit = t.reader.acceptOneOf('year', 'month', 'day', 'hour', 'minute', 'second');
  return `interval ${quoteLiteral(unit === undefined ? text : `${text} ${unit}`)}`;
}

function datePart(t: Translation): string {
  const token = t.reader.peek();
  if (token.kind === 'string') return quoteLiteral(t.reader.string().toLowerCase());
  return quoteLiteral(t.reader.identifier());
}

/** `a`, `a.b`, `a.*`, `f(…)` */
function columnOrCall(t: Translation): string {
  const { reader } = t;
  const token = reader.peek();
  const isCall = reader.isOperator('(', 1);
  if (token.kind === 'word' && RESERVED_WORDS.has(token.value) && !isCall) throw reader.syntaxError();
  const name = reader.identifier();
  if (reader.isOperator('(')) return call(t, name);
  const parts = [name];
  while (reader.acceptOperator('.')) {
    if (reader.acceptOperator('*')) return `${parts.map((part) => t.names.quote(part)).join('.')}.*`;
    const part = reader.identifier();
    if (reader.isOperator('(')) {
      if (name !== 'pg_catalog') throw new NotSupported(`the function ${name}.${part}`);
      return call(t, part);
    }
    parts.push(part);
  }
  return columnPath(t, parts);
}

function call(t: Translation, name: string): string {
  const { reader } = t;
  const home = FUNCTION_HOMES.get(name);
  if (home === undefined) throw new NotSupported(`the function ${name.toUpperCase()}`);
  if (TABLE_FUNCTIONS.has(name)) throw new NotSupported(`the function ${name.toUpperCase()} outside FROM`);
  t.functionsUsed.add(name);
  reader.expectOperator('(');
  const args = callArguments(t, name);
  let order = '';
  if (reader.acceptWords('within', 'group')) {
    reader.expectOperator('(');
    reader.expectWords('order', 'by');
    const keys = reader.list(() => sortKey(t)).join(', ');
    reader.expectOperator(')');
    if (name === 'listagg') args.text += ` ORDER BY ${keys}`;
    else order = ` WITHIN GROUP (ORDER BY ${keys})`;
  }
  if (name === 'listagg' && args.count === 1)
    args.text = args.text.replace(/^([\s\S]*?)( ORDER BY [\s\S]*)?$/, "$1, ''$2");
  const ignoreNulls = reader.acceptWords('ignore', 'nulls');
  if (ignoreNulls) throw new NotSupported('IGNORE NULLS');
  reader.acceptWords('respect', 'nulls');
  const over = reader.acceptWords('over') ? windowOf(t) : '';
  // Quoted, because some (JSON_SERIALIZE, LEFT) are keywords in PostgreSQL.
  const callee =
    home === 'redshift' ? `"_redshift"."${name}"` : GRAMMAR_FUNCTIONS.has(name) ? name : `"${name}"`;
  return `${callee}(${args.text})${order}${over}`;
}

function callArguments(t: Translation, name: string): { text: string; count: number } {
  const { reader } = t;
  if (reader.acceptOperator(')')) return { text: '', count: 0 };
  if (reader.acceptOperator('*')) {
    reader.expectOperator(')');
    if (name !== 'count')
      throw new RedshiftError(`${name}(*) specified, but ${name} is not an aggregate function`);
    return { text: '*', count: 1 };
  }
  const distinct = reader.acceptWords('distinct') ? 'DISTINCT ' : '';
  if (distinct === '') reader.acceptWords('all');
  const args: string[] = [];
  if (DATE_PART_FIRST.has(name)) {
    args.push(datePart(t));
    reader.expectOperator(',');
  }
  args.push(...reader.list(() => expression(t)));
  reader.expectOperator(')');
  if (name === 'listagg') args[0] = `(${args[0]})::text`;
  // Its last argument may be a boolean among texts.
  if (name === 'json_extract_path_text' && /^(TRUE|FALSE)$/.test(args.at(-1)!))
    args.push(quoteLiteral(args.pop()!.toLowerCase()));
  return { text: distinct + args.join(', '), count: args.length };
}

function windowOf(t: Translation): string {
  const { reader } = t;
  if (!reader.acceptOperator('(')) throw new NotSupported('named windows');
  const out: string[] = [];
  if (reader.acceptWords('partition', 'by'))
    out.push(`PARTITION BY ${reader.list(() => expression(t)).join(', ')}`);
  if (reader.acceptWords('order', 'by')) out.push(`ORDER BY ${reader.list(() => sortKey(t)).join(', ')}`);
  const frame = reader.acceptOneOf('rows', 'range');
  if (frame === 'range') throw new NotSupported('RANGE frames');
  if (frame !== undefined) {
    if (reader.acceptWords('between')) {
      const from = frameBound(t);
      reader.expectWords('and');
      out.push(`ROWS BETWEEN ${from} AND ${frameBound(t)}`);
    } else out.push(`ROWS ${frameBound(t)}`);
  }
  reader.expectOperator(')');
  return ` OVER (${out.join(' ')})`;
}

function frameBound(t: Translation): string {
  const { reader } = t;
  if (reader.acceptWords('current', 'row')) return 'CURRENT ROW';
  const size = reader.acceptWords('unbounded') ? 'UNBOUNDED' : String(reader.integer());
  const side = reader.acceptOneOf('preceding', 'following');
  if (side === undefined) throw reader.syntaxError();
  return `${size} ${side.toUpperCase()}`;
}

/** `expression [ASC|DESC] [NULLS FIRST|LAST]`. */
export function sortKey(t: Translation): string {
  const { reader } = t;
  let key = expression(t);
  const direction = reader.acceptOneOf('asc', 'desc');
  if (direction !== undefined) key += ` ${direction.toUpperCase()}`;
  if (reader.acceptWords('nulls')) {
    const where = reader.acceptOneOf('first', 'last');
    if (where === undefined) throw reader.syntaxError();
    key += ` NULLS ${where.toUpperCase()}`;
  }
  return key;
}
