import { describe, expect, test } from '@jest/globals';
import { contradictions } from '../../../../src/pipeline/mapping/contradictions.ts';

const of = (...conditions: object[]) =>
  contradictions(conditions.map((condition) => ({ attribute: 'a', ...condition })));

describe('conditions that no item can meet together are refused', () => {
  test.each<[object[], number]>([
    [[{ equals: 'a' }, { equals: 'b' }], 1],
    [[{ equals: ['a', 'b'] }, { exists: true }, { equals: ['c'] }], 2],
    [[{ equals: 'a', notEquals: 'a' }], 0],
    [[{ equals: ['a', 'b'] }, { notEquals: ['b', 'a'] }], 1],
    [[{ exists: false, atLeast: '5' }], 0],
    [[{ exists: false }, { equals: 'a' }], 1],
    [[{ exists: false }, { exists: true }], 1],
    [[{ exists: false }, { beginsWith: 'x' }], 1],
    [[{ atLeast: '5', below: '5' }], 0],
    [[{ atLeast: '5' }, { below: '3' }], 1],
    [[{ atLeast: '2026-02-01', below: '2026-01-01' }], 0],
    [[{ equals: '7', below: '5' }], 0],
    [[{ equals: 'true', atLeast: 'u' }], 0],
    [[{ beginsWith: 'O#' }, { beginsWith: 'C#' }], 1],
    [[{ beginsWith: 'b', below: 'b' }], 0],
    [[{ beginsWith: 'b', atLeast: 'c' }], 0],
    [[{ beginsWith: 'b', equals: 'c' }], 0],
  ])('%j', (conditions, at) => {
    expect(of(...conditions)).toEqual([
      { at, message: expect.stringMatching(/^conditions that an item can meet: no value of a meets /) },
    ]);
  });
});

describe('conditions that some item can meet are accepted', () => {
  test.each<[object[]]>([
    [[{ equals: ['a', 'b'] }, { equals: ['b', 'c'] }]],
    [[{ notEquals: 'a' }, { notEquals: 'b' }]],
    [[{ exists: false }, { notEquals: 'a' }]],
    [[{ exists: true }]],
    [[{ atLeast: '5', below: '10' }]],
    [[{ atLeast: '10', below: '5' }]],
    [[{ atLeast: '2026-01-01' }, { below: '2026-02-01' }]],
    [[{ equals: 'true' }, { exists: true }]],
    [[{ equals: '10', below: '9' }]],
    [[{ beginsWith: 'O#' }, { beginsWith: 'O#1' }, { atLeast: 'O#12', below: 'O#2' }]],
  ])('%j', (conditions) => {
    // "10" to below "5" is impossible for numbers, but not for text, which is compared by bytes.
    expect(of(...conditions)).toEqual([]);
  });

  test('as are conditions for several attributes', () => {
    const where = [
      { attribute: 'a', equals: 'x' },
      { attribute: 'b', equals: 'y' },
    ];
    expect(contradictions(where)).toEqual([]);
  });
});

test('the message shows the conditions, and how to list alternatives', () => {
  expect(of({ equals: 'a' }, { equals: ['b', 'c'], exists: true })).toEqual([
    {
      at: 1,
      message:
        'conditions that an item can meet: no value of a meets equals "a" and equals ["b", "c"] and exists true. ' +
        'For alternatives, write one equals with a list',
    },
  ]);
});
