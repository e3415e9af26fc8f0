import { readFileSync } from 'node:fs';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { packageFile } from '../../src/installation/package-files.ts';
import type { Item } from './load-items.ts';

export { createTable, type Item, loadItems } from './load-items.ts';

type Json = string | number | boolean | null | Json[] | { [name: string]: Json };
type Laureate = { id: string; [name: string]: Json };
type Prize = { year: string; category: string; [name: string]: Json };

/** Text in the source. As numbers they show how the type N arrives in the warehouse. */
const NUMBERS = new Set(['year', 'share']);

/**
 * The Nobel prizes as one DynamoDB table with two entities (see local/data/README.md): 1,004 items
 * `LAUREATE#<id>`/`PROFILE` and 676 items `PRIZE#<year>`/`<category>`. `year` and `share` are numbers. Everything else
 * is unchanged, even invalid dates and list members that are empty lists.
 */
export function nobelItems(): Item[] {
  const { laureates } = data<{ laureates: Laureate[] }>('laureate.json');
  const { prizes } = data<{ prizes: Prize[] }>('prize.json');
  return [
    ...laureates.map((laureate) => item(`LAUREATE#${laureate.id}`, 'PROFILE', laureate)),
    ...prizes.map((prize) => item(`PRIZE#${prize.year}`, prize.category, prize)),
  ];
}

function data<T>(file: string): T {
  return JSON.parse(readFileSync(packageFile(`local/data/nobel/${file}`), 'utf8')) as T;
}

const item = (pk: string, sk: string, content: { [name: string]: Json }): Item => ({
  pk: { S: pk },
  sk: { S: sk },
  ...attributes(content),
});

const attributes = (content: { [name: string]: Json }): Item =>
  Object.fromEntries(Object.entries(content).map(([name, value]) => [name, attribute(value, name)]));

function attribute(value: Json, name: string): AttributeValue {
  if (value === null) return { NULL: true };
  if (Array.isArray(value)) return { L: value.map((member) => attribute(member, '')) };
  if (typeof value === 'object') return { M: attributes(value) };
  if (typeof value === 'boolean') return { BOOL: value };
  return NUMBERS.has(name) || typeof value === 'number' ? { N: String(value) } : { S: String(value) };
}
