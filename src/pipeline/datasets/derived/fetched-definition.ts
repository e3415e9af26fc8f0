import { z } from 'zod';
import { Seconds } from '../../definition/duration.ts';
import { ChecksSetting, checkContradictions } from '../checks-setting.ts';
import { DatasetStore, KeepSuperseded, ModuleMegabytes, ModulePath } from '../definition.ts';
import { ExpectSetting, misfitsOfExpectation } from '../graph/expect-setting.ts';
import { isSpan } from '../graph/expected.ts';
import { DerivedPartition, RetryFor } from './definition.ts';

/** A fetched dataset as `tributary.yaml` defines it: a function gets each partition, such as one day from an API. */
const FetchedSettings = z.strictObject({
  fetch: ModulePath.describe(
    'The module: its export `fetch` gets the records of a partition, its default export, made with `defineRecords`, has the columns. Relative to this file.',
  ),
  partition: DerivedPartition.describe('What one partition is.'),
  expect: ExpectSetting.describe('Which partitions the dataset is to have.'),
  recompute: z
    .strictObject({
      last: z
        .string()
        .refine(
          (text) => isSpan('day', text) || isSpan('month', text),
          'a number of days or months, e.g. 2d or 1mo',
        )
        .describe('The latest expected partitions, e.g. `2d`; of months, `1mo`.'),
    })
    .optional()
    .describe('What every run fetches again. Earlier partitions are fetched again only by `--force`.'),
  secrets: z
    .array(z.string().regex(/^[A-Z][A-Z0-9_]*$/, 'the name of an environment variable, e.g. RATES_API_KEY'))
    .max(20)
    .default([])
    .describe('Environment variables of the worker that the function gets. It gets no others.'),
  limits: z
    .strictObject({
      seconds: Seconds.prefault(300).describe('The longest that fetching one partition may take.'),
      memoryMegabytes: ModuleMegabytes,
    })
    .prefault({})
    .describe('What the module may use.'),
  checks: ChecksSetting.describe(
    'What must hold of a partition before it is published, by name; or a YAML file with that.',
  ),
  retryFor: RetryFor,
  store: DatasetStore.describe('Where the table is.'),
  keepSuperseded: KeepSuperseded,
});

export const FetchedDefinition = FetchedSettings.superRefine(
  ({ partition, expect, recompute, checks }, context) => {
    for (const { path, message } of checkContradictions(checks, undefined))
      context.addIssue({ code: 'custom', path: [...path], message });
    const { column, unit } = partition;
    if (unit === 'all' || column === undefined) {
      const [key, message] = unit === 'all' ? ['unit', 'day or month'] : ['column', 'the partition column'];
      context.addIssue({ code: 'custom', path: ['partition', key], message });
      return;
    }
    for (const { key, message } of misfitsOfExpectation(expect, unit))
      context.addIssue({ code: 'custom', path: ['expect', key], message });
    if (recompute !== undefined && !isSpan(unit, recompute.last))
      context.addIssue({
        code: 'custom',
        path: ['recompute', 'last'],
        message: unit === 'day' ? 'a number of days, e.g. 2d' : 'a number of months, e.g. 1mo',
      });
  },
);
export type FetchedDefinition = z.infer<typeof FetchedSettings>;
