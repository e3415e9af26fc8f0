import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parseConfig } from '../../../../src/config/parse-config.ts';
import { configJsonSchema } from '../../../../src/config/tributary-config.ts';

const LOADERS = `loaders:
  quakes:
    source: { kind: s3-files, bucket: landing, prefix: quakes/, match: "**/*.csv.gz", queue: https://sqs.eu-west-1.amazonaws.com/123456789012/quakes }
    format: { kind: csv, header: true }
    target: { workgroup: analytics, database: dev, schema: landing, table: quakes, iamRole: arn:aws:iam::123456789012:role/copy }
    merge: { key: [id], newest: updated }
    batch: { maxFiles: 100, maxBytes: 1GB, maxSeconds: 60 }
    staging: { bucket: tributary, prefix: runs }
`;

/** The lines of the error, with the file's name left out. */
function problems(text: string): string[] {
  try {
    parseConfig(text, 'f');
  } catch (error) {
    return (error as Error).message.split('\n').map((line) => line.replace(/^f:/, ''));
  }
  return [];
}

describe('a file with loaders', () => {
  test('needs no pipelines', () => {
    const { loaders, pipelines } = parseConfig(LOADERS, 'f');
    expect(pipelines).toEqual({});
    expect(loaders.quakes).toMatchObject({
      source: { overlapSeconds: 172_800, immutableFiles: false },
      format: { kind: 'csv', delimiter: ',', compression: 'auto' },
      batch: { maxFiles: 100, maxBytes: 1e9, maxSeconds: 60 },
      onDrift: 'report',
      ledgerDays: 400,
      pauseAfterParked: 20,
    });
  });

  test('has pipelines or loaders', () => {
    expect(problems('schedules: {}\n')).toEqual([
      '1:1 Missing key: "pipelines", "loaders" or "datasets", a map of names',
    ]);
    expect(parseConfig('pipelines: {}\n', 'f').loaders).toEqual({});
  });

  test.each<[string, string, string, string]>([
    [
      'an unknown setting',
      'batch: { maxFiles',
      'batch: { maxFile',
      '7:14 loaders.quakes.batch: Unrecognized key: "maxFile" (did you mean "maxFiles"?)',
    ],
    [
      'an unknown setting of the format',
      'header: true',
      'headers: true',
      '4:26 loaders.quakes.format: Unrecognized key: "headers" (did you mean "header"?)',
    ],
    [
      'a missing kind',
      'kind: csv, ',
      '',
      '4:5 loaders.quakes.format: Missing key: "kind", "csv" or "text" or "json" or "parquet"',
    ],
    ['a missing setting', ', newest: updated', '', '6:5 loaders.quakes.merge: Missing key: "newest", text'],
    [
      'neither workgroup nor cluster',
      'workgroup: analytics, ',
      '',
      '5:5 loaders.quakes.target: expected exactly one of workgroup and cluster',
    ],
    [
      'a size in words',
      '1GB',
      'huge',
      '7:39 loaders.quakes.batch.maxBytes: expected a number of bytes, or a size such as 500MB or 1GB, got "huge"',
    ],
    [
      'a queue that S3 cannot notify',
      '/quakes }',
      '/quakes.fifo }',
      '3:94 loaders.quakes.source.queue: expected a standard queue: S3 does not send notifications to FIFO queues, got "https://sqs.eu-west-1.amazonaws.com/123456789012/quakes.fifo"',
    ],
    [
      'a name that no id can have',
      '  quakes:',
      '  Quakes!:',
      '2:3 loaders: Key "Quakes!" is not valid here: expected lower-case letters, digits, _ and -, at most 40, beginning with a letter',
    ],
  ])('has %s reported with line and column', (_what, before, after, expected) => {
    expect(problems(LOADERS.replace(before, after))).toEqual([expected]);
  });

  test('has no credentials in it', () => {
    const text = LOADERS.replace('kind: csv', 'kind: csv, password: x').replace(
      'bucket: tributary',
      'bucket: AKIAABCDEFGHIJKLMNOP',
    );
    const found = problems(text);
    expect(found.join('\n')).toMatch(/loaders\.quakes\.format\.password: this looks like a credential/);
    expect(found.join('\n')).toMatch(/loaders\.quakes\.staging\.bucket: this looks like a credential/);
    expect(found.join('\n')).not.toContain('AKIA');
  });

  test('finds the problems of a loader whose name is wrong, too', () => {
    expect(
      problems(LOADERS.replace('  quakes:', '  Quakes:').replace('maxFiles: 100', 'maxFiles: 0')),
    ).toHaveLength(2);
  });
});

describe('defaults of loaders', () => {
  const text = `defaults:
  loaders:
    source: { bucket: landing, listSeconds: 5m }
    staging: { bucket: tributary }
    target: { workgroup: analytics, database: dev, schema: landing, iamRole: default }
    batch: { maxSeconds: 30 }
    onDrift: evolve
loaders:
  quakes:
    source: { prefix: quakes/ }
    format: { kind: parquet }
    target: { table: quakes }
  clicks:
    source: { prefix: clicks/, bucket: other }
    format: { kind: parquet }
    target: { cluster: dwh, dbUser: loader, table: clicks, create: true }
    batch: { maxFiles: 7 }
`;

  test('are taken over where a loader has no setting of its own', () => {
    const { quakes, clicks } = parseConfig(text, 'f').loaders;
    expect(quakes).toMatchObject({
      source: { bucket: 'landing', prefix: 'quakes/', listSeconds: 300 },
      target: { workgroup: 'analytics', schema: 'landing', table: 'quakes' },
      batch: { maxSeconds: 30, maxFiles: 500 },
      onDrift: 'evolve',
    });
    expect(clicks).toMatchObject({
      source: { bucket: 'other' },
      target: { cluster: 'dwh', dbUser: 'loader', database: 'dev' },
      batch: { maxSeconds: 30, maxFiles: 7 },
    });
    expect(clicks?.target).not.toHaveProperty('workgroup');
  });

  test('do not reach pipelines, nor those of pipelines loaders', () => {
    const pipeline = `
pipelines:
  nobel:
    source: { table: nobel }
    staging: { bucket: tributary }
    warehouse: { workgroup: analytics, database: dev, iamRole: default }
`;
    expect(Object.keys(parseConfig(text + pipeline, 'f').pipelines)).toEqual(['nobel']);
  });

  test('have their problems reported once, where they are written', () => {
    expect(problems(text.replace('onDrift: evolve', 'onDrift: sometimes'))).toEqual([
      '7:14 defaults.loaders.onDrift: expected "report" or "evolve" or "stop", got "sometimes"',
    ]);
    expect(problems(text.replace('    onDrift: evolve', '    merge: { key: [id], newest: at }'))).toEqual([
      expect.stringMatching(/^7:5 defaults\.loaders: Unrecognized key: "merge"/),
    ]);
  });
});

describe('what names a loader', () => {
  const schedule = (settings: string) => `${LOADERS}schedules:\n  daily: { ${settings} }\n`;
  const LOAD = "load: 's3://landing/quakes/day=%Y-%m-%d/', daysBack: 1, cron: '0 5 * * *'";

  test('a schedule has it load a prefix', () => {
    const { schedules, loadSchedules } = parseConfig(schedule(`loader: quakes, ${LOAD}`), 'f');
    expect(schedules).toEqual({});
    expect(loadSchedules).toEqual({
      daily: {
        loader: 'quakes',
        load: 's3://landing/quakes/day=%Y-%m-%d/',
        daysBack: 1,
        cron: '0 5 * * *',
        timezone: 'UTC',
        jitter: '1m',
      },
    });
  });

  test.each<[string, string, string]>([
    [
      'an unknown loader',
      `loader: quake, ${LOAD}`,
      '10:20 schedules.daily.loader: expected a loader of this file, got "quake" (did you mean "quakes"?)',
    ],
    [
      'both',
      `loader: quakes, pipeline: nobel, ${LOAD}`,
      'schedules.daily.loader: expected exactly one of pipeline, loader, dataset and datasets',
    ],
    [
      'neither',
      "cron: '0 5 * * *'",
      'schedules.daily: expected exactly one of pipeline, loader, dataset and datasets',
    ],
    [
      'nothing to load',
      "loader: quakes, cron: '0 5 * * *'",
      'schedules.daily: expected load, the prefix or manifest that the loader loads',
    ],
    [
      'a setting of pipelines',
      `loader: quakes, agree: false, run: infer, ${LOAD}`,
      'schedules.daily.run: expected run only with a pipeline, got "infer"',
    ],
    [
      'no address',
      "loader: quakes, load: quakes/, cron: '0 5 * * *'",
      'schedules.daily.load: expected the address of a prefix or a manifest in S3',
    ],
    [
      'an unknown placeholder',
      "loader: quakes, load: 's3://landing/%j/', cron: '0 5 * * *'",
      'schedules.daily.load: expected only %Y, %m, %d, %H',
    ],
    [
      'no time',
      "loader: quakes, load: 's3://landing/a/'",
      'schedules.daily: expected exactly one of cron and every',
    ],
  ])('a schedule with %s is refused', (_what, settings, expected) => {
    expect(problems(schedule(settings)).join('\n')).toContain(expected);
  });

  test('a setting of loaders is refused for a pipeline', () => {
    expect(problems(schedule(`pipeline: nobel, ${LOAD}`)).join('\n')).toContain(
      'schedules.daily.load: expected load only with a loader',
    );
  });

  test('alerts may be muted for it', () => {
    expect(parseConfig(`${LOADERS}alerts: { muted: [quakes] }\n`, 'f').alerts.muted).toEqual(['quakes']);
    expect(problems(`${LOADERS}alerts: { muted: [quake] }\n`)).toEqual([
      '9:19 alerts.muted[0]: expected a pipeline, loader or dataset of this file, got "quake" (did you mean "quakes"?)',
    ]);
  });
});

test('the loaders in docs/configuration.md are valid', () => {
  const page = readFileSync('docs/configuration.md', 'utf8');
  const blocks = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, yaml]) => yaml!);
  const loaders = blocks.find((yaml) => yaml.includes('\nloaders:'))!;
  const schedules = blocks.find((yaml) => yaml.startsWith('schedules:'))!;
  const { loadSchedules } = parseConfig(loaders + schedules, 'docs');
  expect(Object.keys(loadSchedules)).toEqual(['yesterday']);
});

test('the JSON Schema for editors knows the settings of each kind of format', () => {
  const { properties } = configJsonSchema() as { properties: { loaders: { additionalProperties: object } } };
  expect(properties.loaders.additionalProperties).toMatchObject({
    properties: {
      format: {
        oneOf: [{ properties: { kind: { const: 'csv' } }, additionalProperties: false }, {}, {}, {}],
      },
    },
  });
});
