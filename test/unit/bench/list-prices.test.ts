import { expect, test } from '@jest/globals';
import { listPrice } from '../../../bench/loader/list-prices.ts';
import { difference } from '../../../bench/loader/requests.ts';

const MILLION = 1e6;

test('a million requests of each kind cost what AWS lists', () => {
  expect(listPrice({ 's3:PutObject': MILLION })).toBe(5);
  expect(listPrice({ 's3:CopyObject': MILLION, 's3:ListObjectsV2': MILLION })).toBe(10);
  expect(listPrice({ 's3:GetObject': MILLION, 's3:HeadObject': MILLION })).toBeCloseTo(0.8);
  expect(listPrice({ 'sqs:ReceiveMessage': MILLION, 'sqs:DeleteMessageBatch': MILLION })).toBeCloseTo(0.8);
  expect(listPrice({ 's3:DeleteObjects': MILLION, 'redshift-data:ExecuteStatement': MILLION })).toBe(0);
});

test('what was requested in between is the difference, without what was not', () => {
  expect(difference({ a: 3, b: 2, c: 1 }, { a: 1, b: 2 })).toEqual({ a: 2, c: 1 });
});
