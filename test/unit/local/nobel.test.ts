import { describe, expect, it } from '@jest/globals';
import { type Item, nobelItems } from '../../../local/demo/nobel.ts';

const items = nobelItems();
const lists = (of: Item[], name: string) => of.flatMap((item) => item[name]?.L ?? []);

describe('the demo data as DynamoDB items', () => {
  it('is 1,004 laureates and 676 prizes, each with a unique key', () => {
    expect(items.filter((item) => item.sk?.S === 'PROFILE')).toHaveLength(1004);
    expect(items.filter((item) => item.pk?.S?.startsWith('PRIZE#'))).toHaveLength(676);
    expect(new Set(items.map((item) => `${item.pk?.S}/${item.sk?.S}`)).size).toBe(1680);
  });

  it('holds 1,012 prizes of laureates with 1,094 affiliations, 266 of them empty lists', () => {
    const prizes = lists(items, 'prizes').map((prize) => prize.M!);
    const affiliations = lists(prizes, 'affiliations');
    expect(prizes).toHaveLength(1012);
    expect(affiliations).toHaveLength(1094);
    expect(affiliations.filter((affiliation) => affiliation.L?.length === 0)).toHaveLength(266);
  });

  it('holds 1,012 laureates of prizes', () => {
    expect(lists(items, 'laureates')).toHaveLength(1012);
  });

  it('has year and share as numbers, ids as text', () => {
    const curie = items.find((item) => item.pk?.S === 'LAUREATE#6')!;
    expect(curie.surname).toEqual({ S: 'Curie' });
    expect(curie.prizes?.L?.[0]?.M).toMatchObject({ year: { N: '1903' }, share: { N: '4' } });
    expect(curie.id).toEqual({ S: '6' });
  });
});
