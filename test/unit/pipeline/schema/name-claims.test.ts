import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { AttributeValue, Item } from '../../../../src/pipeline/item/attribute.ts';
import type { Key } from '../../../../src/pipeline/item/key.ts';
import { Mapping } from '../../../../src/pipeline/mapping/mapping.ts';
import { createShredder } from '../../../../src/pipeline/mapping/shred.ts';
import { agree, type Observation } from '../../../../src/pipeline/schema/agree.ts';
import type { AgreedSchema } from '../../../../src/pipeline/schema/agreed-schema.ts';
import {
  claimOf,
  claimsIn,
  type NameClaims,
  withClaim,
  withoutClaims,
} from '../../../../src/pipeline/schema/name-claims.ts';

const key: Key = [{ name: 'id', kind: 'S' }];
const at = (run: number) => new Date(Date.UTC(2026, 10, run + 1)).toISOString();

function observation(run: number, attributes: Record<string, AttributeValue>, mapping = {}): Observation {
  const by = Mapping.parse(mapping);
  const shredder = createShredder({ key, layouts: [], mapping: by });
  shredder.shred({ id: { S: 'a' }, ...attributes } as Item);
  return {
    ...{ pipeline: 'p', by: `r${run}`, at: at(run), whole: true, tableName: 'things', key },
    ...{ seen: shredder.takeSeen(), layouts: [], mapping: by },
  };
}

/** A pipeline whose runs are sealed, and go live, in any order. */
class Pipeline {
  schema: AgreedSchema | undefined;
  claims: NameClaims | undefined;
  readonly sealed = new Map<string, { readonly observed: Observation; readonly next: AgreedSchema }>();

  seal(observed: Observation): AgreedSchema {
    const claimant = { by: observed.by, at: observed.at };
    const next = agree(this.schema, { ...observed, claims: claimsIn(this.claims, claimant) }, 0);
    this.claims = withClaim(this.claims, claimOf(this.schema, next, claimant));
    this.sealed.set(observed.by, { observed, next });
    return next;
  }

  goLive(by: string): void {
    const { observed, next } = this.sealed.get(by)!;
    const claims = [...claimsIn(this.claims, observed), claimOf(undefined, next, observed)];
    this.schema = agree(this.schema, { ...observed, claims }, 0);
    this.claims = withoutClaims(this.claims, observed);
  }
}

const names = (schema: AgreedSchema | undefined) =>
  new Map(
    schema?.tables.flatMap(({ path, name, columns }) => [
      [`table ${path}`, name] as const,
      ...columns.map((column) => [`${column.form} ${column.path}`, column.name] as const),
    ]),
  );

const text: AttributeValue = { S: 'x' };

describe('names that runs claim at their seals', () => {
  test('belong to their paths before anything is agreed on', () => {
    const pipeline = new Pipeline();
    const first = names(pipeline.seal(observation(1, { price: text })));
    const second = names(pipeline.seal(observation(2, { Price: text, price: text })));
    expect(first.get('scalar price')).toBe('price');
    expect(second.get('scalar price')).toBe('price');
    expect(second.get('scalar Price')).toMatch(/^price_[0-9a-f]{8}$/);
    expect(pipeline.schema).toBeUndefined();
    pipeline.goLive('r2');
    expect(names(pipeline.schema)).toEqual(second);
    expect(pipeline.claims?.claims).toEqual([]);
  });

  test('are free again once a later run is live', () => {
    const pipeline = new Pipeline();
    pipeline.seal(observation(1, { Price: text }));
    pipeline.seal(observation(2, { other: text }));
    pipeline.goLive('r2');
    expect(names(pipeline.seal(observation(3, { price: text }))).get('scalar price')).toBe('price');
  });

  test('stay with a run that is sealed again', () => {
    const pipeline = new Pipeline();
    const sealed = pipeline.seal(observation(1, { price: text, list: { L: [text] } }));
    const { claims } = pipeline;
    pipeline.seal(observation(2, { Price: text }));
    expect(names(pipeline.seal(observation(1, { price: text, list: { L: [text] } })))).toEqual(names(sealed));
    expect(pipeline.claims?.claims.find(({ by }) => by === 'r1')).toEqual(claims?.claims[0]);
  });

  test('that the mapping moves are not given to anything else', () => {
    const pipeline = new Pipeline();
    pipeline.seal(observation(1, { a: text }));
    pipeline.goLive('r1');
    const renaming = { columns: { a: { name: 'total' } } };
    expect(names(pipeline.seal(observation(2, { a: text }, renaming))).get('scalar a')).toBe('total');
    const other = names(pipeline.seal(observation(3, { a: text, Total: text })));
    expect(other.get('scalar a')).toBe('a');
    expect(other.get('scalar Total')).toMatch(/^total_[0-9a-f]{8}$/);
  });

  test('of another epoch do not count', () => {
    const pipeline = new Pipeline();
    pipeline.seal(observation(1, { Price: text }));
    expect(claimsIn(pipeline.claims, { by: 'r2', epoch: 2 })).toEqual([]);
  });

  test('are those that the schema takes over when the run goes live, unless a later run is live already', () => {
    const attribute = fc.constantFrom('price', 'Price', 'PRICE', 'x', 'X', 'list', 'List');
    const run = fc.record({
      attributes: fc.uniqueArray(attribute, { minLength: 1, maxLength: 4 }),
      /** After how many more seals it goes live; at 4, never. */
      delay: fc.nat(4),
    });
    const anyValue = (name: string): AttributeValue => (/list/i.test(name) ? { L: [text] } : text);
    fc.assert(
      fc.property(fc.array(run, { minLength: 1, maxLength: 8 }), (runs) => {
        const pipeline = new Pipeline();
        let newest = -1;
        runs.forEach(({ attributes }, i) => {
          const items = Object.fromEntries(attributes.map((name) => [name, anyValue(name)]));
          pipeline.seal(observation(i, items));
          for (const [due, { delay }] of runs.entries()) {
            if (delay === 4 || due + delay !== i) continue;
            pipeline.goLive(`r${due}`);
            const agreed = names(pipeline.schema);
            const inRoot = pipeline.schema!.tables[0]!.columns.map(({ name }) => name);
            expect(new Set(inRoot).size).toBe(inRoot.length);
            if (due < newest) continue;
            newest = due;
            for (const [what, name] of names(pipeline.sealed.get(`r${due}`)!.next))
              expect([what, agreed.get(what)]).toEqual([what, name]);
          }
        });
      }),
    );
  });
});
