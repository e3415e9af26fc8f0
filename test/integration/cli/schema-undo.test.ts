import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import type { RefreshInput } from '../../../src/contract/refresh.ts';
import { uniqueName } from '../pipeline/harness.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { command } from './command-line.ts';

describe('tributary schema forget, rename and reset', () => {
  const harness = withHarness();
  const file = join(harness.directory(), 'tributary.yaml');
  const table = uniqueName('undo');
  const pipeline = 'undone';
  let schema = '';

  beforeAll(async () => {
    await harness.createTable(table, [
      { pk: { S: 'a' }, sk: { S: 's' }, n: { N: '1' }, old: { S: 'x' }, tags: { SS: ['t'] } },
    ]);
    const { definition } = harness.define(table, { source: { segments: 2 } });
    schema = definition.warehouse.schema;
    harness.definitions.set(pipeline, definition);
    await writeFile(file, stringify({ pipelines: { [pipeline]: definition } }));
    await harness.startWorkers();
  });

  const tributary = (...words: string[]) =>
    command(words, { ...harness.environment, TRIBUTARY_CONFIG: file });
  const refresh = async (input: Partial<RefreshInput> = {}) =>
    (await harness.start({ pipeline, ...input })).result();
  const columns = async (of: string) =>
    (
      await harness.sql(
        `SELECT column_name FROM svv_columns WHERE table_schema = '${schema}' AND table_name = '${of}' ORDER BY ordinal_position`,
      )
    ).map((row) => row.column_name);

  test('change what the next run creates; a run planned before is refused at its seal', async () => {
    expect(await refresh()).toMatchObject({ status: 'replaced' });
    const extracted = uniqueName('r');
    await refresh({ run: extracted, to: 'extract' });

    const look = await tributary('schema', 'rename', pipeline, `${table}.old`, 'older', '--dry-run');
    expect(look).toMatchObject({ code: 0, stdout: expect.stringContaining('old: old is now called older') });
    const unasked = await tributary('schema', 'rename', pipeline, `${table}.old`, 'older');
    expect(unasked).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') });
    expect(await tributary('schema', 'forget', pipeline, `${table}.nothing`, '--yes')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('has no column nothing'),
    });
    expect(JSON.parse((await tributary('schema', 'show', pipeline, '--json')).stdout).revision).toBe(1);

    const renamed = await tributary('schema', 'rename', pipeline, `${table}.old`, 'older', '--yes', '--json');
    expect(JSON.parse(renamed.stdout)).toMatchObject({ epoch: 2, revision: 2, dryRun: false });
    const forgotten = await tributary('schema', 'forget', pipeline, `${table}__tags`, '--yes');
    expect(forgotten).toMatchObject({ code: 0, stdout: expect.stringContaining('revision 3, epoch 3') });
    await expect(refresh({ run: extracted, from: 'seal' })).rejects.toMatchObject({
      cause: { type: 'SchemaEpochEnded', message: expect.stringContaining('Start a new run') },
    });
    expect(await refresh()).toMatchObject({ status: 'replaced', drift: { newTables: 1, renamed: 0 } });
    expect(await columns(table)).toEqual(['pk', 'sk', 'n', 'older', 'tags__count']);

    const reset = await tributary('schema', 'reset', pipeline, '--yes');
    expect(reset).toMatchObject({ code: 0, stdout: expect.stringContaining(`forgotten: table ${table}`) });
    expect(await tributary('schema', 'show', pipeline)).toMatchObject({ code: 2 });
    expect(await refresh()).toMatchObject({ status: 'replaced', drift: { newColumns: 0, revision: 6 } });
    expect(await columns(table)).toEqual(['pk', 'sk', 'n', 'old', 'tags__count']);
    const history = await tributary('schema', 'history', pipeline);
    expect(history.stdout).toContain('schema rename');
    expect(history.stdout).toContain('schema reset');
  });
});
