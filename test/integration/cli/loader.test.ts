import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { createAnnouncedQueue } from '../../../local/stack/announced-queue.ts';
import type { LoaderView } from '../../../src/cli/loader/loader-view.ts';
import { LoaderDefinition } from '../../../src/pipeline/loader/loader-definition.ts';
import { uniqueName } from '../pipeline/harness.ts';
import { until } from '../pipeline/until.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { testStack } from '../setup/stack.ts';
import { command } from './command-line.ts';

const GOOD = 'id,mag,updated\na,1.5,2026-11-01 00:00:00\nb,2.5,2026-11-01 00:00:00\n';
const BAD = 'id,mag,updated\nc,much,2026-11-01 00:00:00\n';

describe('a loader, by its commands', () => {
  const harness = withHarness();
  const directory = harness.directory();
  const file = join(directory, 'tributary.yaml');
  const name = uniqueName('l').replaceAll('_', '-');
  const prefix = `${uniqueName('landing')}/`;
  const schema = uniqueName('s');

  const tributary = (...words: string[]) =>
    command([...words, '--config', file], {
      ...harness.environment,
      TRIBUTARY_TEMPORAL_NAMESPACE: harness.namespace,
    });
  const loader = (...words: string[]) => tributary('loader', ...words);
  const status = async () => JSON.parse((await loader('status', name, '--json')).stdout) as LoaderView;
  const drop = (key: string, body: string) => harness.store.put(`${prefix}${key}`, body);

  beforeAll(async () => {
    const queue = await createAnnouncedQueue(testStack(), { name: uniqueName('q'), prefix });
    harness.onClose(() => queue.remove());
    const { workgroup, database } = testStack().redshiftData;
    const definition = {
      source: { bucket: harness.store.bucket, prefix, queue: queue.url },
      format: { kind: 'csv', header: true },
      target: {
        ...{ workgroup, database, schema, table: 'quakes' },
        iamRole: 'arn:aws:iam::123456789012:role/copy',
      },
      merge: { key: ['id'], newest: 'updated' },
      batch: { maxFiles: 1, maxSeconds: 1 },
      staging: { bucket: harness.store.bucket, prefix: `loaders-of-tests/${name}` },
    };
    writeFileSync(file, stringify({ loaders: { [name]: definition } }));
    harness.loaders.set(name, LoaderDefinition.parse(definition));
    await harness.sql(
      `CREATE SCHEMA "${schema}"`,
      `CREATE TABLE "${schema}"."quakes" (id VARCHAR(20), mag DECIMAL(4,1), updated TIMESTAMP)`,
    );
  });

  test('before it is started, the status says so and how to start it; orders are refused likewise', async () => {
    const { code, stdout } = await loader('status', name);
    expect(code).toBe(1);
    expect(stdout).toContain('not started');
    expect(stdout).toContain(`npx tributary loader start ${name} --config ${file}`);
    const refused = await loader('pause', name);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(`Loader ${name} does not run`);
  });

  test('an unknown loader is refused with the nearest name', async () => {
    const { code, stderr } = await loader('status', `${name}x`);
    expect(code).toBe(2);
    expect(stderr).toContain(`did you mean "${name}"`);
  });

  test('it is started once, without a worker, which the command notes', async () => {
    const first = await loader('start', name);
    expect(first).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`started: loading ${name} into`),
    });
    expect(first.stdout).toContain('started: watching queue ');
    expect(first.stderr).toContain('No worker is polling the task queue');
    const again = await loader('start', '--all');
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('already running: loading') });
    const { code, stdout } = await loader('status', name);
    expect(code).toBe(0);
    expect(stdout).toContain('running, but no worker answers');
    expect(stdout).toContain('npx tributary worker');
  });

  describe('with a worker', () => {
    beforeAll(() => harness.startWorkers());

    test('a loader that the workers do not know is not said to be started', async () => {
      const other = join(directory, 'other.yaml');
      const definition = harness.loaders.get(name)!;
      const target = { ...definition.target, table: 'others' };
      const source = { bucket: harness.store.bucket, prefix: 'others/' };
      writeFileSync(other, stringify({ loaders: { unknown: { ...definition, source, target } } }));
      const { code, stderr } = await command(['loader', 'start', 'unknown', '--config', other], {
        ...harness.environment,
        TRIBUTARY_TEMPORAL_NAMESPACE: harness.namespace,
      });
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr: expect.stringMatching(/No loader "unknown".*TRIBUTARY_CONFIG/s),
      });
    });

    test('files that arrive are loaded, and the status counts them', async () => {
      await drop('1.csv', GOOD);
      const view = await until(
        status,
        // The loader may have loaded the file before its watcher counts it.
        ({ totals, watchers: [watcher] }) => totals?.files === 1 && watcher?.totals?.files === 1,
      );
      expect(view).toMatchObject({ parkedTotal: 0, totals: { rows: 2, merged: 2 } });
      expect(view.watchers[0]).toMatchObject({ state: 'running' });
      const files = await loader('files', name);
      expect(files.stdout).toMatch(new RegExp(`loaded +1 .*${prefix}1\\.csv`));
      expect((await loader('batches', name)).stdout).toMatch(/1 +loaded .*2 rows read, 2 written/);
    });

    test('a bad file is parked with file, line, value and reason; it does not stop the next one', async () => {
      await drop('2.csv', BAD);
      await until(status, ({ parkedTotal }) => parkedTotal === 1);
      await drop('3.csv', GOOD.replaceAll('a,', 'd,'));
      await until(status, ({ totals }) => totals?.files === 2);
      const { code, stdout } = await loader('status', name);
      expect(code).toBe(3);
      expect(stdout).toContain('✗ batch 2 is parked');
      expect(stdout).toMatch(new RegExp(`line 2 of s3://.*${prefix}2\\.csv, column mag .*'much'`));
      expect(stdout).toContain(`npx tributary loader retry ${name} 2 --config ${file}`);
      expect((await loader('batches', name, '--parked')).stdout).toMatch(/ 2 +parked /);
      expect((await loader('files', name, '--state', 'parked')).stdout).toContain(`${prefix}2.csv`);
    });

    test('after a retry that fails again it is still parked; what is not parked cannot be skipped', async () => {
      expect(await loader('retry', name, '2')).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('batch 2: retrying'),
      });
      await until(status, ({ parkedTotal, state }) => parkedTotal === 1 && state === 'idle');
      const refused = await loader('skip', name, '1');
      expect(refused.code).toBe(1);
      expect(refused.stderr).toContain('batch 1: it is not parked');
    });

    test('once its table takes the value, the retry loads it', async () => {
      await harness.sql(`ALTER TABLE "${schema}"."quakes" DROP COLUMN mag`);
      await harness.sql(`ALTER TABLE "${schema}"."quakes" ADD COLUMN mag VARCHAR(20)`);
      expect((await loader('retry', name, '--all')).code).toBe(0);
      const view = await until(status, ({ totals }) => totals?.files === 3);
      expect(view.parkedTotal).toBe(0);
    });

    test('a row without a key is set aside; rejects names its file and line', async () => {
      await drop('nulls.csv', `${GOOD}g,3.5,\n`);
      await until(status, ({ totals }) => totals?.setAside === 1);
      const { code, stdout } = await loader('rejects', name);
      expect(code).toBe(0);
      expect(stdout).toMatch(new RegExp(`line 4 of s3://.*${prefix}nulls\\.csv: updated is NULL`));
      const [row] = (await loader('rejects', name, '--json')).stdout.split('\n');
      expect(JSON.parse(row!)).toMatchObject({ line: 4, missing: ['updated'], values: { id: 'g' } });
    });

    test('it pauses with a reason, and resumes', async () => {
      expect((await loader('pause', name, '--reason', 'maintenance')).stdout).toContain('paused');
      const paused = await loader('status', name);
      expect(paused.code).toBe(3);
      expect(paused.stdout).toMatch(/paused since .*: maintenance/);
      await drop('4.csv', GOOD.replaceAll('a,', 'e,'));
      await until(
        () => loader('files', name, '--waiting'),
        ({ stdout }) => stdout.includes(`${prefix}4.csv`),
      );
      expect((await loader('resume', name)).stdout).toContain('resumed');
      await until(status, ({ totals }) => totals?.files === 5);
    });

    test('a parked batch that is skipped is not loaded, and keeps the reason', async () => {
      await drop('short.csv', 'id,mag,updated\nz,1,yesterday\n');
      const { parked } = await until(status, ({ parkedTotal }) => parkedTotal === 1);
      const number = String(parked[0]!.batch);
      const skipped = await loader('skip', name, number, '--reason', 'test file');
      expect(skipped).toMatchObject({ code: 0, stdout: expect.stringContaining(`batch ${number}: skipped`) });
      expect((await status()).parkedTotal).toBe(0);
      expect((await loader('batches', name)).stdout).toMatch(/skipped .* test file/);
      expect((await loader('files', name, '--state', 'skipped')).stdout).toContain(`${prefix}short.csv`);
      const refused = await loader('retry', name, number);
      expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('it is not parked') });
    });

    test('a table that was recreated is loaded into once it is accepted', async () => {
      await harness.sql(
        `DROP TABLE "${schema}"."quakes"`,
        `CREATE TABLE "${schema}"."quakes" (id VARCHAR(20), mag VARCHAR(20), updated TIMESTAMP)`,
      );
      await drop('into-the-new-table.csv', GOOD);
      await until(status, ({ parked }) => parked[0]?.code === 'TargetRecreated');
      expect((await loader('status', name)).stdout).toContain(`loader resume ${name} --accept-table`);
      const accepted = await loader('resume', name, '--accept-table');
      expect(accepted).toMatchObject({ code: 0, stdout: expect.stringContaining('accepted the table') });
      expect((await loader('retry', name, '--all')).code).toBe(0);
      await until(
        () => harness.rowsOf(schema, 'quakes'),
        (rows) => rows.length === 2,
      );
    });

    test('check finds nothing wrong with it; without its table, that is a problem', async () => {
      const fit = await loader('check', name);
      expect(fit.stdout).toMatch(/✓ +SQS +dead-letter queue +.*, after 5 receives/);
      expect(fit.stdout).toMatch(/✓ +Redshift +COPY from the files/);
      expect(fit.stdout).toMatch(/✓ +Redshift +table +.*: 3 columns/);
      expect(fit.stdout).toMatch(/✓ +workers +queue tributary-loaders/);
      expect(fit.code).toBe(0);
      const lacking = uniqueName('l').replaceAll('_', '-');
      const { source, target, ...rest } = harness.loaders.get(name)!;
      const { queue: _, ...listed } = source;
      harness.loaders.set(lacking, {
        ...rest,
        source: { ...listed, prefix: 'nothing/' },
        target: { ...target, table: 'missing' },
      });
      writeFileSync(join(directory, 'two.yaml'), stringify({ loaders: Object.fromEntries(harness.loaders) }));
      const { code, stdout } = await command(
        ['loader', 'check', lacking, '--config', join(directory, 'two.yaml')],
        {
          ...harness.environment,
          TRIBUTARY_TEMPORAL_NAMESPACE: harness.namespace,
        },
      );
      expect(code).toBe(1);
      expect(stdout).toMatch(/✗ +Redshift +table +.*missing does not exist\n +→ Create it/);
      expect(stdout).toMatch(/✓ +SQS +queue +none: the prefix is listed every 60 s/);
    });

    test('stopped, it is shown from S3; started again, it loads what arrived meanwhile', async () => {
      const stopped = await loader('stop', name);
      expect(stopped).toMatchObject({ code: 0, stdout: expect.stringContaining('Nothing is lost') });
      await drop('5.csv', GOOD.replaceAll('a,', 'f,'));
      const { code, stdout } = await loader('status', name);
      expect(code).toBe(1);
      expect(stdout).toContain('stopped since');
      expect((await loader('start', name)).code).toBe(0);
      await until(
        () => harness.rowsOf(schema, 'quakes'),
        (rows) => rows.some(({ id }) => id === 'f'),
      );
      expect((await loader('stop', name)).code).toBe(0);
    });
  });
});
