import {
  CreateTableCommand,
  type CreateTableCommandInput,
  type DynamoDBClient,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { type Item, loadItems } from '../local/demo/load-items.ts';

/**
 * Three tables as one finds them in an account, to try `tributary init` on: a shop in a single-table design, readings of
 * devices with numeric sort keys, and nested documents of a CMS. The same items each time.
 */

interface SourceTable {
  readonly name: string;
  readonly key: readonly (readonly [name: string, kind: 'S' | 'N'])[];
  readonly items: readonly Item[];
}

/** 2026-01-05T08:00:00Z */
const START = Date.UTC(2026, 0, 5, 8) / 1000;
const DAY = 86_400;

const S = (text: string) => ({ S: text });
const N = (number: number) => ({ N: String(number) });
const M = (map: Item) => ({ M: map });
const L = (items: readonly Item[string][]) => ({ L: [...items] });
const iso = (seconds: number) => S(`${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`);
const times = <T>(count: number, make: (n: number) => T): T[] =>
  Array.from({ length: count }, (_, n) => make(n));

const PRODUCTS = ['mug', 'lamp', 'chair', 'desk', 'shelf', 'rug', 'clock', 'vase'];

/** 40 customers, 200 orders with 1 to 4 lines, 8 products, and 25 carts that expire. */
export function shop(): SourceTable {
  const customers = times(40, (n) => ({
    pk: S(`CUSTOMER#${n}`),
    sk: S('PROFILE'),
    name: S(`Customer ${n}`),
    emailAddress: S(`customer${n}@example.com`),
    createdAt: iso(START + n * DAY),
    address: M({ street: S(`${n + 1} Main Street`), city: S(n % 3 === 0 ? 'Bergen' : 'Lyon') }),
  }));
  const orders = times(200, (n) => ({
    pk: S(`CUSTOMER#${n % 40}`),
    sk: S(`ORDER#${1000 + n}`),
    status: S(['open', 'paid', 'shipped'][n % 3] as string),
    orderedAt: iso(START + n * 3600),
    total: { N: `${20 + n}.50` },
    lines: L(
      times(1 + (n % 4), (i) =>
        M({
          sku: S(PRODUCTS[(n + i) % PRODUCTS.length] as string),
          quantity: N(1 + ((n + i) % 3)),
          price: { N: `${9 + i}.95` },
        }),
      ),
    ),
  }));
  const carts = times(25, (n) => ({
    pk: S(`CART#${n}`),
    sk: S('CART'),
    customer: S(`CUSTOMER#${n}`),
    skus: { SS: PRODUCTS.slice(n % 4, (n % 4) + 2) },
    expiresAt: N(START + 30 * DAY + n * 60),
  }));
  const products = PRODUCTS.map((sku, n) => ({
    pk: S(`PRODUCT#${sku}`),
    sk: S('DETAILS'),
    title: S(`A ${sku}`),
    price: { N: `${10 + n}.95` },
    inStock: { BOOL: n % 2 === 0 },
  }));
  return {
    name: 'acme-shop',
    key: [
      ['pk', 'S'],
      ['sk', 'S'],
    ],
    items: [...customers, ...orders, ...carts, ...products],
  };
}

/** 12 devices with 100 readings each, a quarter of an hour apart. The sort key counts milliseconds. */
export function telemetry(): SourceTable {
  const items = times(12, (device) =>
    times(100, (n) => ({
      deviceId: S(`dev-${String(device).padStart(3, '0')}`),
      ts: N((START + n * 900) * 1000 + device),
      receivedAt: N(START + n * 900 + 2),
      temperature: { N: `${18 + ((device + n) % 10)}.${n % 10}` },
      battery: N(100 - (n % 100)),
      firmware: M({ version: S('1.4.2'), channel: S(device % 4 === 0 ? 'beta' : 'stable') }),
    })),
  ).flat();
  return {
    name: 'acme-telemetry',
    key: [
      ['deviceId', 'S'],
      ['ts', 'N'],
    ],
    items,
  };
}

/** 60 articles with nested blocks, texts by language, and reactions by the id of the reader. */
export function content(): SourceTable {
  const items = times(60, (n) => ({
    id: S(`article-${n}`),
    title: S(`Article ${n}`),
    publishedAt: n % 5 === 0 ? S('') : iso(START + n * DAY),
    updatedMs: N((START + n * DAY) * 1000 + 123),
    author: M({ name: S(`Author ${n % 7}`), links: L([S(`https://example.com/${n % 7}`)]) }),
    blocks: L(
      times(2 + (n % 3), (i) =>
        M(
          i === 0
            ? { type: S('text'), text: S(`Paragraph ${i} of article ${n}`) }
            : {
                type: S('image'),
                url: S(`https://example.com/${n}/${i}.jpg`),
                size: M({ width: N(800), height: N(600) }),
              },
        ),
      ),
    ),
    translations: M({ en: M({ title: S(`Article ${n}`) }), de: M({ title: S(`Artikel ${n}`) }) }),
    reactions: M(Object.fromEntries(times(3, (i) => [`user-${(n * 7 + i * 31) % 150}`, N(1 + (i % 5))]))),
  }));
  return { name: 'acme-content', key: [['id', 'S']], items };
}

export const threeTables = (): SourceTable[] => [shop(), telemetry(), content()];

/** Creates the table and puts its items. @param name instead of its own */
export async function loadTable(
  client: DynamoDBClient,
  table: SourceTable,
  name = table.name,
): Promise<void> {
  const create: CreateTableCommandInput = {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: table.key.map(([AttributeName], i) => ({
      AttributeName,
      KeyType: i === 0 ? 'HASH' : 'RANGE',
    })),
    AttributeDefinitions: table.key.map(([AttributeName, AttributeType]) => ({
      AttributeName,
      AttributeType,
    })),
  };
  await client.send(new CreateTableCommand(create));
  await waitUntilTableExists({ client, maxWaitTime: 60, minDelay: 1 }, { TableName: name });
  await loadItems(client, name, table.items);
}
