import { describe, expect, it } from '@jest/globals';
import { findDefinition } from '../../../src/config/find-pipeline.ts';
import { parseConfig } from '../../../src/config/parse-config.ts';

const VALID = `pipelines:
  nobel:
    source: { kind: dynamodb, table: nobel }
    staging: { bucket: tributary, prefix: runs }
    warehouse: { kind: redshift, workgroup: local, database: dev, schema: nobel, iamRole: default }
`;

function problems(text: string): string[] {
  try {
    parseConfig(text, 'tributary.yaml');
  } catch (error) {
    return (error as Error).message.split('\n');
  }
  return [];
}

describe('a valid file', () => {
  it('gives the pipelines with their defaults', () => {
    const nobel = findDefinition(parseConfig(VALID, 'tributary.yaml'), 'nobel');
    expect(nobel?.source).toEqual({ kind: 'dynamodb', table: 'nobel', segments: 'auto' });
    expect(nobel?.staging.cutBytes).toBe(16 * 1024 * 1024);
    expect(nobel?.warehouse.keepBackups).toBe(1);
    expect(nobel?.maxRejects).toBe(0);
  });

  it('may repeat parts with anchors, aliases and merge keys', () => {
    const text = `pipelines:
  one: &one
    source: { kind: dynamodb, table: one }
    staging: &staging { bucket: tributary }
    warehouse: &warehouse { kind: redshift, workgroup: local, database: dev, schema: one, iamRole: default }
  two:
    source: { kind: dynamodb, table: two }
    staging: *staging
    warehouse: { <<: *warehouse, schema: two }
`;
    const two = findDefinition(parseConfig(text, 'tributary.yaml'), 'two');
    expect(two?.staging.bucket).toBe('tributary');
    expect(two?.warehouse).toMatchObject({ workgroup: 'local', schema: 'two' });
  });
});

describe("one of the warehouse's own schemas", () => {
  it.each(['public', 'pg_catalog', 'information_schema', 'catalog_history'])(
    'cannot be the live schema: %s',
    (schema) => {
      expect(problems(VALID.replace('schema: nobel', `schema: ${schema}`))).toEqual([
        expect.stringContaining('replaced as a whole'),
      ]);
    },
  );
});

describe('a name that AWS would not accept', () => {
  it('is reported for the role and the bucket', () => {
    const text = VALID.replace('iamRole: default', 'iamRole: notanarn').replace(
      'bucket: tributary',
      'bucket: Runs!',
    );
    expect(problems(text)).toEqual([
      expect.stringMatching(
        /:4:\d+ pipelines\.nobel\.staging\.bucket: expected the name of an S3 bucket.*got "Runs!"/,
      ),
      expect.stringMatching(
        /:5:\d+ pipelines\.nobel\.warehouse\.iamRole: expected default, or the ARN.*got "notanarn"/,
      ),
    ]);
  });
});

describe('problems in a file are reported with file, line, column and path', () => {
  it.each([
    [
      'an unknown key, with the nearest known one',
      VALID.replace('table: nobel', 'table: nobel, segmnets: 4'),
      '3:45 pipelines.nobel.source: Unrecognized key: "segmnets" (did you mean "segments"?)',
    ],
    [
      'a missing key, with what belongs there',
      VALID.replace(', table: nobel', ''),
      '3:5 pipelines.nobel.source: Missing key: "table", text',
    ],
    [
      'a value of another kind',
      VALID.replace('table: nobel', 'table: nobel, segments: four'),
      '3:55 pipelines.nobel.source.segments: expected "auto" or a whole number from 1 to 2000, got "four"',
    ],
    [
      'a number out of range',
      VALID.replace('table: nobel', 'table: nobel, segments: 0'),
      '3:55 pipelines.nobel.source.segments: expected "auto" or a whole number from 1 to 2000, got the number 0',
    ],
    [
      'a number where text belongs',
      VALID.replace('bucket: tributary', 'bucket: 2024'),
      '4:24 pipelines.nobel.staging.bucket: expected text, got the number 2024. Put it in quotes: "2024"',
    ],
    [
      'a number where text or a list belongs',
      VALID.replace(
        'prefix: runs }',
        'prefix: runs }\n    mapping: { where: [{ attribute: a, equals: 1 }] }',
      ),
      '5:48 pipelines.nobel.mapping.where[0].equals: expected text or a list, got the number 1. Put it in quotes: "1"',
    ],
    [
      'a number in a list of texts',
      VALID.replace(
        'prefix: runs }',
        'prefix: runs }\n    mapping: { where: [{ attribute: a, equals: [x, 1] }] }',
      ),
      '5:52 pipelines.nobel.mapping.where[0].equals[1]: expected text, got the number 1. Put it in quotes: "1"',
    ],
    [
      'text where a number belongs: no is text in YAML 1.2',
      VALID.replace('iamRole: default', 'iamRole: default, keepBackups: no'),
      '5:113 pipelines.nobel.warehouse.keepBackups: expected a whole number, 0 or more, got "no"',
    ],
    [
      'a list where a map belongs',
      'pipelines:\n  - nobel\n',
      '2:3 pipelines: expected a map of names, got a list',
    ],
    [
      'an unknown key, where a word or a map is allowed',
      `${VALID}    onDrift: { newColumn: stop }\n`,
      '6:16 pipelines.nobel.onDrift: Unrecognized key: "newColumn" (did you mean "newColumns"?)',
    ],
    [
      'a wrong value in such a map',
      `${VALID}    onDrift: { gone: evolv }\n`,
      '6:22 pipelines.nobel.onDrift.gone: expected "evolve" or "report" or "stop", got "evolv"',
    ],
    ['a map without a value', 'pipelines:\n', '1:1 pipelines: expected a map of names, got nothing'],
    [
      'an empty file',
      '# nothing yet\n',
      '1:1 the file is empty: expected a map with the key "pipelines", "loaders" or "datasets"',
    ],
    [
      'a name that no schema or key can have',
      VALID.replace('  nobel:', '  Nobel Prizes:'),
      '2:3 pipelines: Key "Nobel Prizes" is not valid here: expected lower-case letters, digits, _ and -, at most 40, beginning with a letter',
    ],
    [
      'neither workgroup nor cluster',
      VALID.replace('workgroup: local, ', ''),
      '5:5 pipelines.nobel.warehouse: expected exactly one of workgroup and cluster',
    ],
    ['a tab', 'pipelines:\n\tnobel: {}\n', '2:1 a tab indents this line: YAML allows only spaces'],
    ['a duplicate key', `${VALID}pipelines: {}\n`, '6:1 this key occurs twice in its map: remove one'],
    [
      'two documents',
      `${VALID}---\npipelines: {}\n`,
      '6:1 a second document starts here (---): the file must contain only one',
    ],
  ])('%s', (_case, text, expected) => {
    expect(problems(text)).toEqual([`tributary.yaml:${expected}`]);
  });

  it('an alias to nothing', () => {
    expect(problems('pipelines: *nobel\n')).toEqual([
      'tributary.yaml:1:12 *nobel refers to nothing: there is no anchor &nobel before it',
    ]);
  });

  it('all problems at once, in the order of the file', () => {
    const text = VALID.replace('kind: dynamodb', 'kind: mysql')
      .replace('prefix: runs', 'prefix: /runs/')
      .replace('workgroup: local', 'workgroup: local, cluster: other');
    expect(problems(text)).toEqual([
      'tributary.yaml:3:21 pipelines.nobel.source.kind: expected "dynamodb" or "dynamodb-export", got "mysql"',
      'tributary.yaml:4:43 pipelines.nobel.staging.prefix: expected at most 300 letters, digits, _, -, dots and =, in parts with one slash between them and none at the ends; no part is . or .., got "/runs/"',
      expect.stringMatching(/^tributary\.yaml:5:\d+ .*exactly one of workgroup and cluster/),
    ]);
  });

  it('a fault that an alias repeats, once', () => {
    const staging = 'staging: { bucket: tributary, prefix: /runs/ }';
    const text = `${VALID.replace('staging: { bucket: tributary, prefix: runs }', staging.replace(': ', ': &staging '))}  other:
    source: { kind: dynamodb, table: other }
    staging: *staging
    warehouse: { kind: redshift, workgroup: local, database: dev, schema: other, iamRole: default }
`;
    expect(problems(text)).toHaveLength(1);
  });
});

describe('a mistake that only several parts of the file show together', () => {
  const second = VALID.replace(/^pipelines:\n/, '').replace('nobel:', 'again:');

  it('is a schedule of a pipeline that the file lacks', () => {
    const text = `${VALID}schedules:\n  nightly: { pipeline: noble, cron: "@daily" }\n`;
    expect(problems(text)).toEqual([
      'tributary.yaml:7:24 schedules.nightly.pipeline: expected a pipeline of this file, got "noble" (did you mean "nobel"?)',
    ]);
    expect(problems(text.replace('noble', 'nobel'))).toEqual([]);
  });

  it('is a schema that two pipelines replace', () => {
    expect(problems(VALID + second)).toEqual([
      'tributary.yaml:9:75 pipelines.again.warehouse.schema: expected a schema that no other pipeline replaces: nobel already replaces nobel in database dev of local',
    ]);
    expect(problems(VALID + second.replace('database: dev', 'database: prod'))).toEqual([]);
    expect(problems(VALID + second.replace('workgroup: local', 'cluster: local'))).toEqual([]);
  });

  it('hides no other mistake, and neither does an invalid name', () => {
    const text = VALID.replace('  nobel:', '  Nobel Prizes:')
      .replace('kind: dynamodb', 'kind: mysql')
      .replace('bucket: tributary', 'bukcet: tributary');
    expect(problems(`${text}schedules:\n  Nightly: { pipeline: nobel, cron: soon }\n`)).toEqual([
      expect.stringContaining('2:3 pipelines: Key "Nobel Prizes" is not valid here'),
      expect.stringContaining('3:21 pipelines.Nobel Prizes.source.kind: expected "dynamodb"'),
      expect.stringContaining('pipelines.Nobel Prizes.staging: Missing key: "bucket"'),
      expect.stringContaining('pipelines.Nobel Prizes.staging: Unrecognized key: "bukcet"'),
      expect.stringContaining('7:3 schedules: Key "Nightly" is not valid here'),
      expect.stringContaining('schedules.Nightly.pipeline: expected a pipeline of this file'),
      expect.stringContaining('schedules.Nightly.cron: expected a cron expression'),
    ]);
  });
});

describe('credentials are refused, and never repeated', () => {
  it.each([
    ['a password', VALID.replace('database: dev', 'database: dev, password: hunter2')],
    [
      'a secret access key',
      VALID.replace('bucket: tributary', 'bucket: tributary, secretAccessKey: hunter2'),
    ],
    ['a key id among the values', VALID.replace('kind: dynamodb', 'kind: AKIAIOSFODNN7EXAMPLE')],
    ['an address with a password', VALID.replace('schema: nobel', 'schema: "postgres://me:hunter2@host/db"')],
  ])('%s', (_case, text) => {
    const told = problems(text).join('\n');
    expect(told).toMatch(/must not be in this file.*default chain.*Secrets Manager/);
    expect(told).not.toMatch(/hunter2|AKIA/);
  });

  it('secretArn only names a secret', () => {
    const arn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:warehouse';
    expect(problems(VALID.replace('database: dev', `database: dev, secretArn: "${arn}"`))).toEqual([]);
  });

  it('a pipeline or an attribute may be named after a credential', () => {
    const mapping = '    mapping: { columns: { password: { ignore: true } } }\n';
    expect(problems(VALID.replace('  nobel:', '  api_token:') + mapping)).toEqual([]);
  });
});
