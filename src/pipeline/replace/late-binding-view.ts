import { qualified } from '../sql/identifier.ts';

/**
 * A view WITH NO SCHEMA BINDING refers to its tables by name, so a copy of it in the new schema reads the new tables once
 * they have the live name. Redshift keeps the whole CREATE statement of such a view as its definition; for other views,
 * only the query.
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
 * The statement that copies a late-binding view to another schema, with its query unchanged. Undefined if the definition
 * does not start with CREATE VIEW.
 */
export function copyView(definition: string, schema: string, view: string): string | undefined {
  if (!isLateBinding(definition)) return undefined;
  const head = HEAD.exec(definition);
  if (head === null) return undefined;
  const rest = definition.slice(head[0].length).replace(/[\s;]+$/, '');
  return `CREATE OR REPLACE VIEW ${qualified(schema, view)}${rest}`;
}
