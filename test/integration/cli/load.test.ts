import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import type { BulkLoadResult } from '../../../src/contract/loader/bulk-load.ts';
import { loaderWorkflowId } from '../../../src/contract/loader/loader.ts';
import { LoaderDefinition } from '../../../src/pipeline/loader/loader-definition.ts';
import { uniqueName } from '../pipeline/harness.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { testStack } from '../setup/stack.ts';
import { command } from './command-line.ts';

describe('tributary load', () => {
  const harness = withHarness();
  const file = join(harness.directory(), 'tributary.yaml');
  const name = uniqueName('l').replaceAll('_', '-');
  const prefix = `${uniqueName('landing')}/`;
  const schema = uniqueName('s');
  const from = `s3://${testStack().s3.bucket}/${prefix}day=2026-11-01/`;
  const { workgroup, database } = testStack().redshiftData;
  const definition = {
    source: { bucket: testStack().s3.bucket, prefix },
    format: { kind: 'csv', header: true },
    target: {
      ...{ workgroup, database, schema, table: 'quakes' },
      iamRole: 'arn:aws:iam::123456789012:role/copy',
    },
    batch: { maxFiles: 1, maxSeconds: 1 },
    staging: { bucket: testStack().s3.bucket, prefix: `loaders-of-tests/${name}` },
  };

  const load = (...words: string[]) =>
    command(['load', ...words, '--config', file], {
      ...harness.environment,
      TRIBUTARY_TEMPORAL_NAMESPACE: harness.namespace,
    });
  const drop = (key: string, ...rows: string[]) =>
    harness.store.put(`${prefix}day=2026-11-01/${key}`, `id,day\n${rows.join('\n')}\n`);
  const ids = async () =>
    (await harness.rowsOf(schema, 'quakes')).map(({ id }) => id).toSorted((a, b) => Number(a) - Number(b));

  beforeAll(async () => {
    writeFileSync(file, stringify({ loaders: { [name]: definition } }));
    harness.loaders.set(name, LoaderDefinition.parse(definition));
    await harness.sql(
      `CREATE SCHEMA "${schema}"`,
      `CREATE TABLE "${schema}"."quakes" (id INT, day VARCHAR(10))`,
    );
    await drop('1.csv', '1,2026-11-01');
    await drop('2.csv', '2,2026-11-01');
    await harness.startWorkers();
    const workflowId = loaderWorkflowId(LoaderDefinition.parse(definition).target);
    harness.onClose(async () => void (await harness.client.workflow.getHandle(workflowId).cancel()));
  });
  test('refuses options that cannot be meant before it starts anything', async () => {
    for (const [words, why] of [
      [['landing/quakes'], 'is not a prefix or a manifest in S3'],
      [[from, '--before', '--after'], 'not both'],
      [[from, '--replace', 'true; DROP TABLE quakes'], 'semicolon'],
      [[from, '--supersede', '7'], 'only with --replace and --before'],
    ] as const) {
      const { code, stderr } = await load(name, ...words);
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(why) });
    }
    expect((await load(`${name}x`, from)).stderr).toContain(`did you mean "${name}"`);
  });

  test('shows what it would load, loads it, and then shows that it is loaded', async () => {
    const dry = await load(name, from, '--dry-run');
    expect(dry).toMatchObject({ code: 0, stdout: expect.stringContaining('would load 2 files') });
    expect(dry.stdout).toContain(`to load: ${from}1.csv, ${from}2.csv`);
    const done = await load(name, from);
    expect(done).toMatchObject({ code: 0, stdout: expect.stringContaining('loaded 2 files') });
    expect(done.stdout).toContain('in 2 batches: 2 rows read, 2 written');
    const again = await load(name, from, '--json');
    const result = JSON.parse(again.stdout) as BulkLoadResult;
    expect(result).toMatchObject({ found: { files: 2, alreadyLoaded: 2 }, loaded: { batches: 0 } });
    expect(await ids()).toEqual(['1', '2']);
  });

  test('ends with 3 if a batch is parked, and says how to retry it; a replacement asks about it', async () => {
    await drop('3.csv', 'three,2026-11-01');
    const { code, stdout } = await load(name, from);
    expect(code).toBe(3);
    expect(stdout).toMatch(/✗ batch 3 is parked: .*3\.csv/);
    expect(stdout).toContain(`npx tributary loader retry ${name} 3 --config ${file}`);
    await drop('3.csv', '3,2026-11-01');
    const replace = ['--replace', "day = '2026-11-01'"] as const;
    const asked = await load(name, from, ...replace);
    expect(asked).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Say what is to become of them'),
    });
    expect(await load(name, from, ...replace, '--before')).toMatchObject({
      ...{ code: 0, stdout: expect.stringContaining('loaded 3 files') },
    });
    expect(await ids()).toEqual(['1', '2', '3']);
  });
});
