import { describe, expect, test } from '@jest/globals';
import { LoaderDefinition } from '../../../../src/pipeline/loader/loader-definition.ts';
import { loaderNamed, loadersOf, routeFile, sameTable } from '../../../../src/pipeline/loader/routing.ts';

const loader = (source: object, target: object = {}) =>
  LoaderDefinition.parse({
    source: { bucket: 'landing', ...source },
    format: { kind: 'csv' },
    target: {
      workgroup: 'analytics',
      database: 'dev',
      schema: 'landing',
      table: 'quakes',
      iamRole: 'default',
      ...target,
    },
    staging: { bucket: 'tributary' },
  });

const LOADERS = {
  all: loader({ match: '**/*.csv' }),
  quakes: loader({ prefix: 'quakes/', match: '*.csv' }),
  'quakes-json': loader({ prefix: 'quakes/', match: '*.json' }),
  old: loader({ prefix: 'quakes/old' }, { table: 'old' }),
  other: loader({ bucket: 'other', prefix: 'quakes/' }, { cluster: 'c', workgroup: undefined }),
};

const routed = (key: string, bucket = 'landing') => routeFile(LOADERS, { bucket, key })?.name;

describe('the loader that gets a file', () => {
  test('is the one with the longest prefix of the key', () => {
    expect(routed('x/a.csv')).toBe('all');
    expect(routed('quakes/a.csv')).toBe('quakes');
    expect(routed('quakes/old/a')).toBe('old');
    expect(routed('quakes/older.csv')).toBe('old');
  });

  test('shares its prefix with others by their match', () => {
    expect(routed('quakes/a.json')).toBe('quakes-json');
  });

  test('leaves nothing to loaders of shorter prefixes', () => {
    expect(routed('quakes/new/a.csv')).toBeUndefined();
  });

  test('is one of the same bucket', () => {
    expect(routed('quakes/a.csv', 'other')).toBe('other');
    expect(routed('x/a.csv', 'other')).toBeUndefined();
    expect(routed('quakes/a.csv', 'constructor')).toBeUndefined();
  });

  test('does not get folders that a console created', () => {
    expect(routed('quakes/old/')).toBeUndefined();
  });
});

test('the loaders of a table are found by its address', () => {
  const names = (name: keyof typeof LOADERS) =>
    loadersOf(LOADERS, LOADERS[name].target).map((found) => found.name);
  expect(names('all')).toEqual(['all', 'quakes', 'quakes-json']);
  expect(names('old')).toEqual(['old']);
  expect(names('other')).toEqual(['other']);
  expect(sameTable(LOADERS.all.target, LOADERS.old.target)).toBe(false);
});

test('an unknown loader is refused, with the nearest names', () => {
  expect(loaderNamed(LOADERS, 'quakes')).toBe(LOADERS.quakes);
  expect(() => loaderNamed(LOADERS, 'quake')).toThrow(
    'No loader "quake" (did you mean "quakes" or "quakes-json"?). Known: all, quakes, quakes-json, old, other.',
  );
  expect(() => loaderNamed({}, 'constructor')).toThrow(
    'No loader "constructor". This configuration has none. Commands and workers read the file that',
  );
});
