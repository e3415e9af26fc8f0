import { describe, expect, test } from '@jest/globals';
import { Mapping } from '../../../../src/pipeline/mapping/mapping.ts';
import { refuseOtherValues } from '../../../../src/pipeline/schema/refuse-other-values.ts';

const refused = (now: object, then: object) => () =>
  refuseOtherValues(Mapping.parse(now), Mapping.parse(then), 'r1');

describe('a replay writes values as the run did that it replays', () => {
  test.each<[string, object, object, string]>([
    ['times', { columns: { a: { epoch: 's' } } }, {}, 'columns."a".epoch'],
    [
      'times in another unit',
      { columns: { a: { epoch: 's' } } },
      { columns: { a: { epoch: 'ms' } } },
      'columns."a".epoch',
    ],
    ['no more times', {}, { columns: { a: { epoch: 's' } } }, 'columns."a".epoch'],
    ['empty strings', { emptyAsNull: true }, {}, 'emptyAsNull'],
    ['those of a column', { columns: { a: { emptyAsNull: true } } }, {}, 'columns."a".emptyAsNull'],
    ['conditions of items', { where: [{ attribute: 'a', exists: true }] }, {}, 'where'],
    ['hashes', { columns: { a: { hash: true } } }, {}, 'columns."a".hash'],
    ['masks', {}, { columns: { a: { mask: true } } }, 'columns."a".mask'],
    [
      'entities of what is hidden',
      { columns: { a: { mask: true } }, entities: { b: { keyPrefix: 'b' } } },
      { columns: { a: { mask: true } } },
      'entities',
    ],
  ])('so other %s are refused', (_, now, then, at) => {
    expect(refused(now, then)).toThrow(
      expect.objectContaining({ code: 'ValuesDiffer', message: expect.stringContaining(at) }),
    );
  });

  test.each<[string, object, object]>([
    ['a name', { columns: { a: { epoch: 's', name: 'b' } } }, { columns: { a: { epoch: 's' } } }],
    ['the default in words', { columns: { a: { emptyAsNull: false } } }, { columns: { b: {} } }],
    ['a path that is left out', { exclude: ['a'] }, {}],
  ])('but %s is no other form', (_, now, then) => {
    expect(refused(now, then)).not.toThrow();
  });
});
