import { expect, test } from '@jest/globals';
import { schemaOfSample } from '../../../../src/pipeline/estimate/schema-of-sample.ts';
import type { Item } from '../../../../src/pipeline/item/attribute.ts';
import type { Key } from '../../../../src/pipeline/item/key.ts';
import { NO_MAPPING } from '../../../../src/pipeline/mapping/mapping.ts';
import { createShredder } from '../../../../src/pipeline/mapping/shred.ts';
import { agree } from '../../../../src/pipeline/schema/agree.ts';
import type { AgreedSchema } from '../../../../src/pipeline/schema/agreed-schema.ts';
import { allChanges, diffLines, stoppingChanges } from '../../../../src/pipeline/schema/drift.ts';
import { OnDrift } from '../../../../src/pipeline/schema/on-drift.ts';

const key: Key = [{ name: 'id', kind: 'S' }];
const table = { pipeline: 'p', tableName: 'Things', key, mapping: NO_MAPPING };

function seenOf(item: Item) {
  const shredder = createShredder({ key, layouts: [] });
  shredder.shred({ id: { S: 'a' }, ...item });
  return shredder.takeSeen();
}

const dayOf = (run: number) => new Date(Date.UTC(2026, 10, run));

function afterRun(before: AgreedSchema | undefined, run: number, item: Item): AgreedSchema {
  const at = dayOf(run);
  const seen = seenOf(item);
  const observed = { ...table, by: `r${run}`, at: at.toISOString(), whole: true, layouts: [], seen };
  return agree(before, observed, at.getTime());
}

/** What a plan says after the next day's sample. */
function planned(before: AgreedSchema, item: Item, isWhole: boolean) {
  const wholeAt = isWhole ? dayOf(before.runs.length + 1) : undefined;
  const after = schemaOfSample(before, { ...table, seen: seenOf(item), wholeAt });
  return {
    changes: diffLines(allChanges(before, after)),
    stopping: diffLines(stoppingChanges(before, after, OnDrift.parse({ gone: 'stop' }))),
  };
}

test('a plan announces what is gone when the run would: once, if it read the whole table', () => {
  const full = afterRun(undefined, 1, { x: { S: 'x' } });
  const gone = ['no value in things.x (x)'];
  expect(planned(full, { x: { S: 'x' } }, true)).toEqual({ changes: [], stopping: [] });
  expect(planned(full, {}, true)).toEqual({ changes: gone, stopping: gone });
  expect(planned(full, {}, false)).toEqual({ changes: [], stopping: [] });
  const without = afterRun(full, 2, {});
  expect(planned(without, {}, true)).toEqual({ changes: [], stopping: [] });
  expect(planned(without, {}, false)).toEqual({ changes: [], stopping: [] });
});
