import { describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { loaderWarnings } from '../../../../src/config/loaders/new-table.ts';
import { parseConfig } from '../../../../src/config/parse-config.ts';

interface Written {
  readonly source?: object;
  readonly format?: object;
  readonly target?: object;
  readonly staging?: object;
  readonly merge?: object;
  readonly [more: string]: unknown;
}

const loader = ({ source, format, target, staging, ...more }: Written = {}) => ({
  source: { bucket: 'landing', prefix: 'quakes/', ...source },
  format: { kind: 'csv', ...format },
  target: {
    workgroup: 'analytics',
    database: 'dev',
    schema: 'landing',
    table: 'quakes',
    iamRole: 'default',
    ...target,
  },
  staging: { bucket: 'tributary', ...staging },
  ...more,
});

const PIPELINE = {
  source: { table: 'nobel' },
  staging: { bucket: 'tributary' },
  warehouse: { workgroup: 'analytics', database: 'dev', schema: 'nobel', iamRole: 'default' },
};

/** The problems of a file, as `path: message`. */
function problems(content: object): string[] {
  try {
    parseConfig(stringify(content), 'f');
  } catch (error) {
    return (error as Error).message.split('\n').map((line) => line.replace(/^f:\d+:\d+ (?:loaders\.)?/, ''));
  }
  return [];
}

const ofOne = (written: Written) =>
  problems({ loaders: { quakes: loader(written) } }).map((line) => line.replace(/^quakes\./, ''));
const ofTwo = (first: Written, second: Written) =>
  problems({ loaders: { a: loader(first), b: loader(second) } });

const CREATED = { create: true, columns: { id: 'bigint', updated: 'timestamp', ratio: 'float8' } };
const OTHER_FILES = { source: { prefix: 'more/' } };

describe('settings of a loader that contradict each other, or never apply', () => {
  test.each<[string, Written, string[]]>([
    ['nothing', {}, []],
    [
      'columns beside a header',
      { format: { columns: ['id'] } },
      [
        'format.columns: expected no columns beside a header, which names them. If the files have no header, write header: false',
      ],
    ],
    ['columns without a header', { format: { columns: ['id'], header: false } }, []],
    [
      'a column twice',
      { format: { columns: ['id', 'ID'], header: false } },
      ['format.columns[1]: expected each column once, got ID again'],
    ],
    [
      'the quote as delimiter',
      { format: { delimiter: '"' } },
      ['format.quote: expected another character than the delimiter, got "\\""'],
    ],
    [
      'a null text that no field can equal',
      { format: { kind: 'text', nullText: 'a|b' } },
      ['format.nullText: expected a text without the delimiter "|": no field could equal it'],
    ],
    [
      'columns of JSON without paths',
      { format: { kind: 'json', columns: ['id'] } },
      ['format.columns: expected columns only with a JSONPaths file: with paths: auto, keys match by name'],
    ],
    ['columns of JSON with paths', { format: { kind: 'json', columns: ['id'], paths: 's3://b/p.json' } }, []],
    [
      'an option that COPY refuses for JSON',
      { format: { kind: 'json', nullText: 'x' } },
      [
        'format: Unrecognized key: "nullText". Known here: kind, paths, columns, detectNewKeys, emptyAsNull, compression, dateFormat, timeFormat, acceptInvalidCharacters',
      ],
    ],
    [
      'an option of another kind',
      { format: { kind: 'parquet', header: true } },
      ['format: Unrecognized key: "header". Known here: kind, serializeToJson'],
    ],
    [
      'an unknown kind',
      { format: { kind: 'orc' } },
      ['format.kind: expected "csv" or "text" or "json" or "parquet", got "orc"'],
    ],
    [
      'a typo',
      { format: { delimeter: ';' } },
      ['format: Unrecognized key: "delimeter" (did you mean "delimiter"?)'],
    ],
    [
      'a user of a workgroup',
      { target: { dbUser: 'x' } },
      [
        'target.dbUser: expected no dbUser with a workgroup: the user of a workgroup follows from the identity or from secretArn',
      ],
    ],
    [
      'columns without create',
      { target: { columns: { id: 'bigint' } } },
      ['target.columns: expected columns only with create: true'],
    ],
    [
      'create without columns',
      { target: { create: true } },
      [
        'target.create: expected columns beside create: true: files of kind csv do not say what types their columns have',
      ],
    ],
    ['create from Parquet', { target: { create: true }, format: { kind: 'parquet' } }, []],
    [
      'newest in the key',
      { merge: { key: ['id', 'updated'], newest: 'updated' } },
      [
        'merge.newest: expected a column that is not in key: with updated in both, every version of a row would be a row of its own',
      ],
    ],
    [
      'deletes by a column of the key',
      { merge: { key: ['id'], newest: 'updated', deletes: { column: 'ID', values: ['D'] } } },
      ['merge.deletes.column: expected another column than id, which is in key'],
    ],
    [
      'a column that the new table does not have',
      { target: CREATED, merge: { key: ['ident'], newest: 'updatd' } },
      [
        'merge.key[0]: expected a column of target.columns, got "ident" (did you mean "id"?)',
        'merge.newest: expected a column of target.columns, got "updatd" (did you mean "updated"?)',
      ],
    ],
    [
      'a type that Redshift does not have',
      { target: { create: true, columns: { id: 'bigit' } } },
      ['target.columns.id: expected a type of Redshift, got "bigit"'],
    ],
    [
      'a key that does not compare exactly',
      { target: CREATED, merge: { key: ['ratio'], newest: 'updated' } },
      [
        'target.columns: expected other columns: landing.quakes.ratio cannot be in merge.key: values of float8 do not compare exactly',
      ],
    ],
    [
      "a table of Tributary's own",
      { target: { table: '_tributary_lock__quakes' } },
      [
        'target.table: expected a table of your own: names that begin with _tributary_ are Tributary\'s, got "_tributary_lock__quakes"',
      ],
    ],
    [
      'a malformed pattern',
      { source: { match: '[0-9].csv' } },
      [
        'source.match: expected alternatives in braces, e.g. {a,b}, not brackets; \\[ stands for the character itself, got "[0-9].csv"',
      ],
    ],
    [
      'an unknown placeholder',
      { source: { listPrefixes: ['day=%D/'] } },
      [
        'source.listPrefixes[0]: expected only %Y, %m, %d, %H and, for a percent sign, %% after a %, not "%D", got "day=%D/"',
      ],
    ],
    [
      'a folder to list with its prefix',
      { source: { listPrefixes: ['quakes/%Y/'] } },
      ['source.listPrefixes[0]: expected a folder below prefix, without quakes/ itself, e.g. %Y/'],
    ],
  ])('%s', (_what, written, expected) => {
    expect(ofOne(written)).toEqual(expected);
  });
});

test('a new table whose newest column is text is noted', () => {
  const { loaders } = parseConfig(
    stringify({
      loaders: {
        quakes: loader({
          target: { create: true, columns: { id: 'bigint', updated: 'varchar(30)' } },
          merge: { key: ['id'], newest: 'updated' },
        }),
        more: loader({
          ...OTHER_FILES,
          target: { table: 'more' },
          merge: { key: ['id'], newest: 'updated' },
        }),
      },
    }),
    'f',
  );
  expect(loaderWarnings(loaders.quakes!)).toEqual([
    expect.stringContaining(
      "landing.quakes.updated is merge.newest, and text: it is compared as text, so '9' is newer than '10'",
    ),
  ]);
  expect(loaderWarnings(loaders.more!)).toEqual([]);
});

describe('loaders of one table', () => {
  const merge = { key: ['id'], newest: 'updated' };

  test('may differ in their files and formats', () => {
    expect(ofTwo({}, { ...OTHER_FILES, format: { kind: 'parquet' } })).toEqual([]);
  });

  test.each<[string, Written, string]>([
    ['merge', { merge: { key: ['id', 'day'], newest: 'updated' } }, 'merge'],
    ['no merge', {}, 'merge'],
    ['onDrift', { merge, onDrift: 'evolve' }, 'onDrift'],
    ['batch', { merge, batch: { maxFiles: 7 } }, 'batch'],
    ['staging', { merge, staging: { prefix: 'x' } }, 'staging'],
    ['ledgerDays', { merge, ledgerDays: 3 }, 'ledgerDays'],
    ['tombstoneDays', { merge, tombstoneDays: 3 }, 'tombstoneDays'],
    ['pauseAfterParked', { merge, pauseAfterParked: 3 }, 'pauseAfterParked'],
    ['iamRole', { merge, target: { iamRole: 'arn:aws:iam::123456789012:role/copy' } }, 'target.iamRole'],
    ['loadSeconds', { merge, target: { loadSeconds: 60 } }, 'target.loadSeconds'],
  ])('must not differ in %s', (_what, second, path) => {
    expect(ofTwo({ merge }, { ...OTHER_FILES, ...second })).toEqual([
      expect.stringContaining(
        `the same ${path} as of loader a: b and a both load landing.quakes, so their rules must be the same`,
      ),
    ]);
  });

  test('of a workgroup and a cluster with the same name have one id, and are refused', () => {
    expect(ofTwo({}, { ...OTHER_FILES, target: { workgroup: undefined, cluster: 'analytics' } })).toEqual([
      expect.stringContaining('the same target.workgroup as of loader a'),
      expect.stringContaining('the same target.cluster as of loader a'),
    ]);
  });

  test('of different tables need not agree', () => {
    expect(ofTwo({ merge }, { ...OTHER_FILES, target: { table: 'more' } })).toEqual([]);
  });
});

describe('files', () => {
  const table = { target: { table: 'other' } };

  test('belong to one loader', () => {
    expect(ofTwo({ source: { match: '**/*.csv' } }, { ...table, source: { match: 'a*' } })).toEqual([
      'b.source.match: expected no file that loader a gets, but both would get s3://landing/quakes/a.csv: give them different prefixes, or patterns that no key fits both of',
    ]);
    expect(ofTwo({}, table)).toEqual([
      expect.stringContaining(
        'b.source.prefix: expected no file that loader a gets, but both would get s3://landing/quakes/x:',
      ),
    ]);
  });

  test('of one prefix are shared by patterns that no key fits both of', () => {
    expect(ofTwo({ source: { match: '**/*.csv' } }, { ...table, source: { match: '**/*.json' } })).toEqual(
      [],
    );
  });

  test('that Tributary writes are not loaded', () => {
    expect(ofOne({ staging: { bucket: 'landing', prefix: 'quakes/runs' } })).toEqual([
      'staging.prefix: expected a prefix apart from the files in s3://landing/quakes/: what Tributary writes to s3://landing/quakes/runs/ must not be loaded',
    ]);
    expect(ofOne({ source: { bucket: 'tributary', prefix: 'tributary/in/' } })).toEqual([
      expect.stringContaining('expected a prefix apart from the files in s3://tributary/tributary/in/'),
    ]);
    expect(ofOne({ staging: { bucket: 'landing', prefix: 'quakes' } })).toHaveLength(1);
    expect(ofOne({ staging: { bucket: 'landing', prefix: 'quakes-runs' } })).toEqual([]);
  });

  test('that Tributary writes for others are not loaded, if the pattern fits them', () => {
    const all = { ...table, source: { bucket: 'tributary', prefix: '' }, staging: { bucket: 'elsewhere' } };
    const message =
      'b.source.prefix: expected files apart from s3://tributary/tributary/, the staging of loader a: what Tributary writes there must not be loaded';
    expect(ofTwo({}, all)).toEqual([message]);
    expect(ofTwo({}, { ...all, source: { bucket: 'tributary', prefix: '', match: 'in/**' } })).toEqual([]);
    const withPipeline = {
      pipelines: { nobel: PIPELINE },
      loaders: { b: loader(all) },
    };
    expect(problems(withPipeline)).toEqual([message.replace('loader a', 'pipeline nobel')]);
  });

  test('of a loader are not in the directory of a pipeline', () => {
    const directory = 's3://tributary/tributary/nobel/, which is the directory of pipeline nobel';
    expect(
      problems({
        pipelines: { nobel: PIPELINE },
        loaders: { quakes: loader({ staging: { prefix: 'tributary/nobel' } }) },
      }),
    ).toEqual([`quakes.staging.prefix: expected a prefix apart from ${directory}`]);
  });
});

test('loaders with one queue have buckets in one region', () => {
  const queue = 'https://sqs.eu-west-1.amazonaws.com/123456789012/quakes';
  const second = (region: string) => ({
    source: { bucket: 'more', queue },
    target: { table: 'more', region },
  });
  const first = { source: { queue }, target: { region: 'eu-west-1' } };
  expect(ofTwo(first, second('eu-west-1'))).toEqual([]);
  expect(ofTwo(first, second('eu-west-2'))).toEqual([
    'b.target.region: expected region eu-west-1, as of loader a, which has the same queue: S3 announces files only to queues in the region of their bucket',
  ]);
});

describe('a schema that a pipeline replaces', () => {
  const into = (schema: string, pipeline: object = PIPELINE) =>
    problems({ pipelines: { nobel: pipeline }, loaders: { quakes: loader({ target: { schema } }) } });

  test.each(['nobel', 'nobel__20260101_1', 'nobel__20260101_backup'])('%s gets no files', (schema) => {
    expect(into(schema)).toEqual([
      `quakes.target.schema: expected a schema that no pipeline replaces, got ${schema}: nobel replaces nobel, with all tables in it`,
    ]);
  });

  test.each(['nobel_2', 'landing'])('%s is another one', (schema) => {
    expect(into(schema)).toEqual([]);
  });

  test('of another database or warehouse is another one', () => {
    expect(into('nobel', { ...PIPELINE, warehouse: { ...PIPELINE.warehouse, database: 'prod' } })).toEqual(
      [],
    );
    expect(into('nobel', { ...PIPELINE, warehouse: { ...PIPELINE.warehouse, workgroup: 'other' } })).toEqual(
      [],
    );
  });

  test('is also one that a pattern may have', () => {
    const pattern = (schema?: string) => ({
      ...PIPELINE,
      source: { table: 'prod-*' },
      warehouse: { ...PIPELINE.warehouse, schema },
    });
    expect(into('data_orders', pattern('data_{match}'))).toEqual([
      'quakes.target.schema: expected a schema that no pipeline replaces, got data_orders: nobel may replace it (data_{match})',
    ]);
    expect(into('nobel_orders', pattern())).toHaveLength(1);
    expect(into('landing', pattern('data_{match}'))).toEqual([]);
  });
});
