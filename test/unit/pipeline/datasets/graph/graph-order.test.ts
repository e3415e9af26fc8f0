import { expect, test } from '@jest/globals';
import {
  graphOrder,
  withDownstream,
  withUpstream,
} from '../../../../../src/pipeline/datasets/graph/graph-order.ts';

const nodes = [
  { name: 'report', reads: ['monthly', 'accounts'] },
  { name: 'monthly', reads: ['daily'] },
  { name: 'daily', reads: ['transactions'] },
  { name: 'transactions', reads: [] },
  { name: 'accounts', reads: [] },
  { name: 'other', reads: ['accounts'] },
];

test('a dataset comes after all that it reads', () => {
  expect(graphOrder(nodes)).toEqual({
    order: ['transactions', 'daily', 'monthly', 'accounts', 'report', 'other'],
  });
});

test('a cycle is named, from a dataset back to itself', () => {
  const cyclic = [
    { name: 'a', reads: ['b'] },
    { name: 'b', reads: ['c'] },
    { name: 'c', reads: ['x', 'b'] },
  ];
  expect(graphOrder(cyclic)).toEqual({ cycle: ['b', 'c', 'b'] });
  expect(graphOrder([{ name: 'a', reads: ['a'] }])).toEqual({ cycle: ['a', 'a'] });
});

test('what is downstream and upstream of a dataset', () => {
  expect([...withDownstream(nodes, ['daily'])].toSorted()).toEqual(['daily', 'monthly', 'report']);
  expect([...withUpstream(nodes, ['monthly'])].toSorted()).toEqual(['daily', 'monthly', 'transactions']);
});
