import { isDeepStrictEqual } from 'node:util';
import type { LoaderDefinition } from '../../pipeline/loader/loader-definition.ts';
import { sameTable } from '../../pipeline/loader/routing.ts';
import type { ConfigProblem } from '../config-error.ts';
import type { WrittenLoader } from './written-loader.ts';

/**
 * What all loaders of a table share, because one workflow forms the batches of all their files: everything but the files and
 * their format.
 */
const RULES = [
  'merge',
  'batch',
  'staging',
  'onDrift',
  'ledgerDays',
  'tombstoneDays',
  'pauseAfterParked',
  'redactValues',
] as const satisfies readonly (keyof LoaderDefinition)[];

const OF_TARGET = [
  'workgroup',
  'cluster',
  'dbUser',
  'secretArn',
  'iamRole',
  'region',
  'create',
  'columns',
  'loadSeconds',
  'terminateBlockers',
] as const satisfies readonly (keyof LoaderDefinition['target'])[];

/** Rules in which a loader differs from an earlier loader of the same table. */
export function differentRules(loaders: readonly WrittenLoader[]): ConfigProblem[] {
  return loaders.flatMap((loader, i) => {
    const { target } = loader.parts;
    const first = loaders.slice(0, i).find(({ parts }) => bothOf(parts.target, target));
    if (target === undefined || first?.parts.target === undefined) return [];
    const { schema, table } = target;
    const because = `${loader.name} and ${first.name} both load ${schema}.${table}, so their rules must be the same`;
    const differ = (path: readonly string[]) =>
      loader.problem(path, 'value', `the same ${path.join('.')} as of loader ${first.name}: ${because}`);
    const firstTarget = first.parts.target;
    return [
      ...RULES.filter((key) => !isDeepStrictEqual(loader.parts[key], first.parts[key])).map((key) =>
        differ([key]),
      ),
      ...OF_TARGET.filter((key) => !isDeepStrictEqual(target[key], firstTarget[key])).map((key) =>
        differ(['target', key]),
      ),
    ];
  });
}

const bothOf = (
  a: LoaderDefinition['target'] | undefined,
  b: LoaderDefinition['target'] | undefined,
): boolean => a !== undefined && b !== undefined && sameTable(a, b);

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html */
export function differentRegions(loaders: readonly WrittenLoader[]): ConfigProblem[] {
  return loaders.flatMap((loader, i) => {
    const queue = loader.parts.source?.queue;
    const region = loader.parts.target?.region;
    const first = loaders
      .slice(0, i)
      .find(
        ({ parts }) => queue !== undefined && parts.source?.queue === queue && parts.target !== undefined,
      );
    if (first === undefined || region === first.parts.target?.region) return [];
    const other = first.parts.target?.region;
    return [
      loader.problem(
        ['target', 'region'],
        'value',
        `${other === undefined ? 'no region' : `region ${other}`}, as of loader ${first.name}, which has the same queue: S3 announces ` +
          'files only to queues in the region of their bucket',
      ),
    ];
  });
}
