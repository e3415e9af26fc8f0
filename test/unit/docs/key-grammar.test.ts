import { expect, test } from '@jest/globals';
import * as inference from '../../../src/pipeline/run/inference.ts';
import * as directory from '../../../src/pipeline/run/run-directory.ts';
import * as schema from '../../../src/pipeline/run/schema-directory.ts';
import { codeBlocks, read, section } from './pages.ts';

const at = { prefix: '<prefix>', pipeline: '<pipeline>', run: '<run>' };
const cut = { segment: 17, cut: 3, attempt: '<attempt>' };
const seal = { segment: 'seal', cut: 1, attempt: '<attempt>' } as const;

/** Each function that makes a key, on the README's example. */
const keys: Partial<Record<keyof typeof directory | keyof typeof schema | keyof typeof inference, string[]>> =
  {
    currentSchemaKey: [schema.currentSchemaKey(at)],
    nameClaimsKey: [schema.nameClaimsKey(at)],
    schemaHistoryKey: [schema.schemaHistoryKey(at, '2026-11-21T07:29:24.123Z')],
    inferencePlanKey: [inference.inferencePlanKey(at, '<name>')],
    inferenceCheckpointKey: [inference.inferenceCheckpointKey(at, '<name>', 17, 3)],
    inferenceKey: [inference.inferenceKey(at, '<name>')],
    rollbackKey: [directory.rollbackKey(at, '<request>')],
    alertsKey: [directory.alertsKey(at)],
    requestedExportKey: [directory.requestedExportKey(at)],
    planKey: [directory.planKey(at)],
    grownLayoutsKey: [directory.grownLayoutsKey(at, 1)],
    checkpointKey: [directory.checkpointKey(at, 17, 3)],
    partKey: [
      directory.partKey(at, '<table folder>', cut, '<layout>', 'zst'),
      directory.partKey(at, '<table folder>', seal, '<layout>', 'zst'),
    ],
    oddKey: [directory.oddKey(at, cut, 'zst')],
    rejectsKey: [directory.rejectsKey(at, cut, 'zst')],
    observationKey: [directory.observationKey(at)],
    manifestKey: [directory.manifestKey(at)],
    evolvedKey: [directory.evolvedKey(at)],
    copyManifestKey: [directory.copyManifestKey(at, '<table folder>', '<layout>', '<files>')],
    copyProbeKey: [directory.copyProbeKey(at)],
    generationKey: [directory.generationKey(at, 1)],
    checkResultKey: [directory.checkResultKey(at, '<check>')],
    statementLogKey: [directory.statementLogKey(at, 'load', '<id>')],
    reportKey: [directory.reportKey(at)],
    reportPageKey: [directory.reportPageKey(at)],
  };

test('the README shows every key that the code makes, as the code makes it', () => {
  const [block] = codeBlocks(section(read('README.md'), 'S3 key grammar'));
  expect(block?.text.split('\n')).toEqual(Object.values(keys).flat());
});

test('no other function makes keys', () => {
  expect(
    [...Object.keys(directory), ...Object.keys(schema), ...Object.keys(inference)]
      .filter((name) => name.endsWith('Key'))
      .sort(),
  ).toEqual(Object.keys(keys).sort());
});
