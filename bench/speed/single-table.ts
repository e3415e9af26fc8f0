import type { AttributeValue, Item } from '../../src/pipeline/item/attribute.ts';
import type { Random } from './random.ts';
import { timestamp, words } from './text.ts';

/**
 * A single-table design as in a shop: five entities under one key, told apart by `entity`. An item has about 16 of the
 * 87 columns that the root table gets, and 0.66 to 1.6 KB of JSON.
 */

const s = (S: string): AttributeValue => ({ S });
const n = (N: number | string): AttributeValue => ({ N: String(N) });
const flag = (BOOL: boolean): AttributeValue => ({ BOOL });
const many = <T>(count: number, make: (k: number) => T): T[] =>
  Array.from({ length: count }, (_, k) => make(k));
const money = (random: Random) => n((random.below(10_000_000) / 100).toFixed(2));
const CURRENCIES = ['EUR', 'USD', 'GBP', 'CHF'];
const STATES = ['open', 'paid', 'packed', 'sent', 'delivered', 'returned'];

/** Eight attributes that some items of an entity have. Each has a name of its own in each entity. */
function optional(entity: string, random: Random): Record<string, AttributeValue> {
  const made: Record<string, AttributeValue> = {};
  if (random.chance(0.2)) made[`${entity}_source`] = s(random.pick(['web', 'app', 'shop', 'partner']));
  if (random.chance(0.2)) made[`${entity}_campaign`] = s(`campaign-${random.below(500)}`);
  if (random.chance(0.2)) made[`${entity}_score`] = n(random.below(1000) / 10);
  if (random.chance(0.2)) made[`${entity}_checked`] = flag(random.chance(0.5));
  if (random.chance(0.2)) made[`${entity}_checked_at`] = s(timestamp(random));
  if (random.chance(0.2)) made[`${entity}_remark`] = s(words(random, 30));
  if (random.chance(0.2)) made[`${entity}_reference`] = s(random.hex(16));
  if (random.chance(0.2)) made[`${entity}_priority`] = n(random.between(1, 5));
  return made;
}

type Entity = (i: number, random: Random) => Record<string, AttributeValue>;

/** `upTo`: the share of items that are of this entity or one before it. */
const ENTITIES: readonly (readonly [name: string, upTo: number, make: Entity])[] = [
  [
    'customer',
    0.15,
    (i, random) => ({
      email: s(`${words(random, 8).replaceAll(' ', '.')}@example.com`),
      full_name: s(words(random, 18)),
      phone: s(`+49 30 ${random.below(10_000_000)}`),
      born_on: s(timestamp(random).slice(0, 10)),
      newsletter: flag(random.chance(0.4)),
      loyalty: { M: { tier: s(random.pick(['basic', 'silver', 'gold'])), points: n(random.below(100_000)) } },
      customer_number: n(1_000_000 + i),
      addresses: {
        L: many(random.between(1, 3), () => ({
          M: {
            street: s(words(random, 30)),
            city: s(words(random, 8)),
            zip: s(String(10_000 + random.below(90_000))),
          },
        })),
      },
      segments: { SS: many(random.between(1, 3), (k) => `${random.pick(CURRENCIES)}-${k}`) },
    }),
  ],
  [
    'order',
    0.5,
    (i, random) => ({
      order_number: n(5_000_000 + i),
      status: s(random.pick(STATES)),
      currency: s(random.pick(CURRENCIES)),
      total: money(random),
      tax: money(random),
      ordered_at: s(timestamp(random)),
      ship_to: { M: { city: s(words(random, 8)), country: s(random.pick(['DE', 'FR', 'GB', 'CH'])) } },
      lines: {
        L: many(random.between(2, 5), (k) => ({
          M: {
            line: n(k + 1),
            sku: s(`SKU-${random.hex(6)}`),
            quantity: n(random.between(1, 9)),
            price: money(random),
          },
        })),
      },
      payments: {
        L: many(random.between(0, 2), () => ({ M: { method: s('card'), amount: money(random) } })),
      },
    }),
  ],
  [
    'product',
    0.65,
    (_i, random) => ({
      sku: s(`SKU-${random.hex(6)}`),
      title: s(words(random, 30)),
      description: s(words(random, random.between(200, 500))),
      price: money(random),
      weight_grams: n(random.below(20_000)),
      in_stock: flag(random.chance(0.9)),
      dimensions: { M: { width: n(random.below(200)), height: n(random.below(200)) } },
      images: { L: many(random.between(1, 4), () => s(`https://images.example.com/${random.hex(12)}.jpg`)) },
      sizes: { NS: many(random.between(1, 4), (k) => String(34 + k * 2)) },
    }),
  ],
  [
    'shipment',
    0.85,
    (_i, random) => ({
      carrier: s(random.pick(['post', 'van', 'bike'])),
      tracking: s(random.hex(20).toUpperCase()),
      shipped_at: s(timestamp(random)),
      delivered_at: s(timestamp(random)),
      parcels: n(random.between(1, 3)),
      kilograms: n((random.below(30_000) / 1000).toFixed(3)),
      position: {
        M: { latitude: n((random.below(180_000) / 1000).toFixed(3)), longitude: n(random.below(180)) },
      },
      scans: {
        L: many(random.between(3, 6), () => ({
          M: { at: s(timestamp(random)), place: s(words(random, 10)), ok: flag(true) },
        })),
      },
    }),
  ],
  [
    'review',
    1,
    (_i, random) => ({
      stars: n(random.between(1, 5)),
      headline: s(words(random, 24)),
      body: s(words(random, random.between(250, 800))),
      language: s(random.pick(['de', 'en', 'fr'])),
      helpful: n(random.below(300)),
      verified: flag(random.chance(0.7)),
      reviewer: { M: { name: s(words(random, 12)), country: s(random.pick(['DE', 'FR', 'GB'])) } },
      photos: { L: many(random.between(0, 2), () => s(`https://photos.example.com/${random.hex(12)}.jpg`)) },
    }),
  ],
];

export function singleTableItem(i: number, random: Random): Item {
  const share = random.below(1000) / 1000;
  const [name, , make] = ENTITIES.find(([, upTo]) => share < upTo)!;
  return {
    pk: { S: `${name.toUpperCase()}#${random.hex(12)}#${i.toString(36)}` },
    sk: { S: `${name}#${random.hex(6)}` },
    entity: { S: name },
    created_at: { S: timestamp(random) },
    updated_at: { S: timestamp(random) },
    version: { N: String(random.between(1, 40)) },
    updated_by: { S: `user:${random.hex(12)}@tenant-${random.below(200)}` },
    ...make(i, random),
    ...optional(name, random),
  };
}
