import type { Translation } from './translation.ts';
import { parseTypeName, type TypeName } from './type-name.ts';
import { NotSupported } from './unsupported.ts';

/** The rules of the expression grammar that a call is made of. */
interface ExpressionGrammar {
  expression: (t: Translation) => string;
  operand: (t: Translation) => string;
  parenthesized: (t: Translation) => string;
  datePart: (t: Translation) => string;
  castTo: (t: Translation, text: string) => string;
  castText: (text: string, type: TypeName) => string;
}

/** Calls whose arguments are not a plain list. */
export function specialCall(t: Translation, grammar: ExpressionGrammar): string | undefined {
  const { expression, operand, parenthesized, datePart, castTo, castText } = grammar;
  const { reader } = t;
  const name = reader.peek().value;
  const open = () => {
    reader.next();
    reader.expectOperator('(');
  };
  const close = <Value>(value: Value): Value => {
    reader.expectOperator(')');
    return value;
  };
  switch (name) {
    case 'cast': {
      open();
      const value = expression(t);
      reader.expectWords('as');
      return close(castTo(t, `(${value})`));
    }
    case 'exists':
      reader.next();
      return `EXISTS ${parenthesized(t)}`;
    case 'extract': {
      open();
      const part = datePart(t);
      reader.expectWords('from');
      return close(`date_part(${part}, ${expression(t)})`);
    }
    case 'position': {
      open();
      // The needle ends at IN, which an expression would treat as an operator.
      const needle = operand(t);
      reader.expectWords('in');
      return close(`strpos(${expression(t)}, ${needle})`);
    }
    case 'substring': {
      open();
      const text = expression(t);
      if (reader.acceptOperator(','))
        return close(`substring(${[text, ...reader.list(() => expression(t))].join(', ')})`);
      reader.expectWords('from');
      const from = expression(t);
      return close(`substring(${text}, ${from}${reader.acceptWords('for') ? `, ${expression(t)}` : ''})`);
    }
    case 'trim': {
      open();
      const side = reader.acceptOneOf('both', 'leading', 'trailing');
      const pg = side === 'leading' ? 'ltrim' : side === 'trailing' ? 'rtrim' : 'btrim';
      const characters = reader.isWords('from') ? undefined : expression(t);
      if (reader.acceptWords('from'))
        return close(`${pg}(${expression(t)}${characters ? `, ${characters}` : ''})`);
      return close(`${pg}(${characters}${reader.acceptOperator(',') ? `, ${expression(t)}` : ''})`);
    }
    case 'nvl':
      open();
      return close(`coalesce(${reader.list(() => expression(t)).join(', ')})`);
    case 'nvl2': {
      open();
      const [value, present, absent, ...more] = reader.list(() => expression(t));
      if (absent === undefined || more.length > 0) throw reader.syntaxError();
      return close(`CASE WHEN (${value}) IS NOT NULL THEN ${present} ELSE ${absent} END`);
    }
    case 'decode': {
      open();
      const [value, ...rest] = reader.list(() => expression(t));
      const out = ['CASE'];
      for (; rest.length >= 2; rest.splice(0, 2))
        out.push(`WHEN (${value}) IS NOT DISTINCT FROM (${rest[0]}) THEN ${rest[1]}`);
      if (rest.length === 1) out.push(`ELSE ${rest[0]}`);
      return close([...out, 'END'].join(' '));
    }
    case 'convert': {
      open();
      const type = parseTypeName(reader, 'cast');
      reader.expectOperator(',');
      return close(castText(`(${expression(t)})`, type));
    }
    case 'median': {
      open();
      const value = expression(t);
      close('');
      if (reader.isWords('over')) throw new NotSupported('MEDIAN as a window function');
      return `percentile_cont(0.5) WITHIN GROUP (ORDER BY ${value})`;
    }
    case 'array':
    case 'object':
      open();
      return reader.acceptOperator(')')
        ? `jsonb_build_${name}()`
        : close(`jsonb_build_${name}(${reader.list(() => buildArgument(t, expression)).join(', ')})`);
    default:
      return undefined;
  }
}

/** PostgreSQL needs the type of a bare text literal. */
function buildArgument(t: Translation, expression: ExpressionGrammar['expression']): string {
  const isText = t.reader.peek().kind === 'string';
  const text = expression(t);
  return isText ? `${text}::text` : text;
}
