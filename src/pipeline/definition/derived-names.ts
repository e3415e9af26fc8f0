import { legalCharacters } from '../sql/naming.ts';

/** Names that follow from the name of a DynamoDB table. docs/configuration.md has the rule. */

/** The most characters of a pipeline's name, and of a schema's: see `PipelineName` and `WarehouseDefinition`. */
const MAX_PIPELINE = 40;
const MAX_SCHEMA = 60;

/**
 * A pipeline's name: `prod-OrderLines` → `prod-order_lines`. Words are separated as in snake_case; each run of characters
 * other than letters, digits and `_` is one `-`.
 */
export function pipelineNameFrom(text: string): string {
  const name = text
    .split(/[^A-Za-z0-9_]+/)
    .map((part) => legalCharacters(part, 'snake_case'))
    .filter((part) => part !== '')
    .join('-')
    .replace(/^[^a-z]+/, '');
  return cut(name, MAX_PIPELINE) || 'pipeline';
}

/** A schema's name: `prod-OrderLines` → `prod_order_lines`. Redshift's own names get `_data` at their end. */
export function schemaNameFrom(text: string): string {
  const name = legalSchemaName(text);
  const isTaken = /^(?:public|information_schema|catalog_history|pg_.*)$/.test(name);
  return isTaken ? `${cut(name.replace(/^pg_/, ''), MAX_SCHEMA - 5)}_data` : name;
}

function legalSchemaName(text: string): string {
  const name = legalCharacters(text, 'snake_case')
    .replace(/[^a-z0-9_]+/g, '_')
    .replace(/^_+|_+$/g, '');
  return cut(/^[a-z]/.test(name) ? name : `t_${name}`, MAX_SCHEMA);
}

/** Cut to a length, without a separator at its end. */
const cut = (name: string, length: number): string => name.slice(0, length).replace(/[_-]+$/, '');
