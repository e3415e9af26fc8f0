import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { loadItems } from '../../../local/demo/load-items.ts';
import { Mapping } from '../../../src/pipeline/mapping/mapping.ts';
import { uniqueName } from '../pipeline/harness.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { command } from './command-line.ts';

describe('rejects and entities from the command line', () => {
  const harness = withHarness();
  const table = uniqueName('items');
  const directory = harness.directory();

  beforeAll(async () => {
    await harness.createTable(table, [
      ...Array.from({ length: 12 }, (_, i) => ({
        pk: { S: `ORDER#${i}` },
        sk: { S: 's' },
        totals: { M: { [`a\0${i}`]: { N: '1' } } },
      })),
      { pk: { S: 'USER#1' }, sk: { S: 's' }, name: { S: 'Ada' } },
      { pk: { S: 'USER#\0' }, sk: { S: 's' } },
    ]);
    await harness.startWorkers();
  });

  const tributary = (...words: string[]) =>
    command(words, { ...harness.environment, TRIBUTARY_TEMPORAL_NAMESPACE: harness.namespace });
  const config = join(directory, 'tributary.yaml');
  const configure = (pipeline: string, definition: object) =>
    writeFileSync(config, stringify({ pipelines: { [pipeline]: definition } }));

  test('rejects counts by reason and lists keys, --json shows them whole, replay tries them again', async () => {
    const { pipeline, definition } = harness.define(table, {
      mapping: { columns: { totals: { asRows: true } } },
      maxRejects: 13,
    });
    configure(pipeline, definition);
    const ran = await tributary('run', pipeline, '--config', config, '--wait', '--json');
    const { run, rejects } = JSON.parse(ran.stdout) as { run: string; rejects: number };
    expect(rejects).toBe(13);

    const listed = await tributary('rejects', run, '--config', config);
    expect(listed).toMatchObject({ code: 0 });
    expect(listed.stdout).toContain(`Run ${run} of ${pipeline} set 13 items aside`);
    expect(listed.stdout).toMatch(/12 because a map with asRows has/);
    expect(listed.stdout).toMatch(/1 because a key contains U\+0000/);
    expect(listed.stdout).toMatch(/"ORDER#\d+" +"s" +totals\n/);
    expect(listed.stdout).toContain('"USER#\\u0000"');
    expect(listed.stdout).toContain('and 2 more');
    expect(listed.stdout).toContain(`rejects replay ${run} --wait --config ${config}`);
    // Like status, it needs no file: the workflow has the run's definition.
    const found = await tributary('rejects', run);
    expect(found.stdout).toContain(`Run ${run} of ${pipeline} set 13 items aside`);
    const whole = (await tributary('rejects', run, '--config', config, '--json')).stdout
      .trimEnd()
      .split('\n');
    expect(whole.map((line) => Object.keys(JSON.parse(line)))).toEqual(
      Array.from({ length: 13 }, () => ['reason', 'path', 'key', 'item']),
    );

    configure(pipeline, { ...definition, mapping: { columns: { totals: { ignore: true } } } });
    const replayed = await tributary('rejects', 'replay', run, '--config', config, '--wait', '--json');
    expect(JSON.parse(replayed.stdout)).toMatchObject({ status: 'replaced', items: 14, rejects: 1 });
    const left = await tributary('rejects', JSON.parse(replayed.stdout).run, '--config', config);
    expect(left.stdout).toContain('set 1 item aside');
    expect(left.stdout).toContain('under another key');
    expect(left.stdout).not.toContain('rejects replay');
  });

  test('rejects lists an item that only the seal could set aside', async () => {
    const late = uniqueName('late');
    await harness.createTable(late, [{ pk: { S: 'usual' }, sk: { S: 's' } }]);
    const { pipeline, definition } = harness.define(late, {
      mapping: { columns: { doc: { asSuper: true } } },
      maxRejects: 1,
    });
    configure(pipeline, definition);
    const planned = await tributary('run', pipeline, '--config', config, '--to', 'plan', '--wait', '--json');
    const { run } = JSON.parse(planned.stdout) as { run: string };
    // The sample of the plan has not seen the attribute: the item has its column, and its long row, only at the seal.
    const text = '\u0001'.repeat(390_000);
    await loadItems(harness.dynamodb, late, [
      { pk: { S: 'long' }, sk: { S: 's' }, doc: { M: { a: { S: text }, b: { L: [] } } } },
    ]);
    const words = ['--run', run, '--from', 'extract', '--config', config, '--wait', '--json'];
    expect(JSON.parse((await tributary('run', pipeline, ...words)).stdout)).toMatchObject({
      rejects: 1,
      items: 2,
    });
    const { stdout } = await tributary('rejects', run, '--config', config);
    expect(stdout).toContain('1 because it has a row of more than 4 MB');
    expect(stdout).toContain('"long"');
  });

  test('an unknown run is a usage error', async () => {
    const { pipeline, definition } = harness.define(table);
    configure(pipeline, definition);
    const { code, stderr } = await tributary('rejects', 'never_was', '--config', config);
    expect(code).toBe(2);
    expect(stderr).toContain('never_was');
  });

  test('schema suggest proposes entities in YAML that the configuration accepts', async () => {
    const { pipeline, definition } = harness.define(table);
    configure(pipeline, definition);
    const { code, stdout } = await tributary('schema', 'suggest', pipeline, '--config', config);
    expect(code).toBe(0);
    const { mapping } = parse(stdout) as { mapping: unknown };
    expect(Mapping.parse(mapping).entities).toEqual({
      orders: { keyPrefix: 'ORDER#' },
      users: { keyPrefix: 'USER#' },
    });
  });
});
