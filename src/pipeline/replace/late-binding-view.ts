import { qualified } from '../sql/identifier.ts';

/**
 * Views WITH NO SCHEMA BINDING name their tables as text, so a copy of one in the new schema reads the new
 * tables once they have the live name. Redshift keeps the whole CREATE statement of such a view as its definition, and
 * of other views the query alone.
 */

const NAME = String.raw`(?:"(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*)`;
const HEAD = new RegExp(
  String.raw`^\s*create\s+(?:or\s+replace\s+)?view\s+${NAME}(?:\s*\.\s*${NAME}){0,2}(?=[\s(])`,
  'iu',
);
const UNBOUND = /\bwith\s+no\s+schema\s+binding\s*;?\s*$/i;

export function isLateBinding(definition: string): boolean {
  return UNBOUND.test(definition);
}

/**
 * The statement that makes a copy of a late-binding view in another schema, its query as it is. Undefined
 * where the definition does not begin as CREATE VIEW does.
 */
export function copyView(definition: string, schema: string, view: string): string | undefined {
  if (!isLateBinding(definition)) return undefined;
  const head = HEAD.exec(definition);
  if (head === null) return undefined;
  const rest = definition.slice(head[0].length).replace(/[\s;]+$/, '');
  return `CREATE OR REPLACE VIEW ${qualified(schema, view)}${rest}`;
}
