import { describe, expect, test } from '@jest/globals';
import { NO_MAPPING, namingOf } from '../../../../src/pipeline/mapping/mapping.ts';
import { Inference } from '../../../../src/pipeline/run/inference.ts';
import { Manifest } from '../../../../src/pipeline/run/manifest.ts';
import { Plan } from '../../../../src/pipeline/run/plan.ts';
import { Checkpoint } from '../../../../src/pipeline/run/segments/checkpoint.ts';
import { AgreedSchema } from '../../../../src/pipeline/schema/agreed-schema.ts';
import { withNaming } from '../../../../src/pipeline/schema/with-naming.ts';

/** Documents as version 0.1.0 wrote them, with all its members and no later ones. */
const at = '2026-11-21T06:46:17.000Z';
const key = [{ name: 'id', kind: 'S' }];
const definition = {
  source: { kind: 'dynamodb', table: 'orders', segments: 'auto' },
  staging: { bucket: 'runs', prefix: 'tributary' },
  warehouse: {
    ...{ kind: 'redshift', workgroup: 'local', database: 'd', schema: 's', iamRole: 'default' },
    ...{ terminateBlockers: [], waitForReaders: false, keepBackups: 1 },
  },
  mapping: { maxDepth: 8, columns: {}, entities: {} },
  onDrift: 'evolve',
  maxRejects: 0,
};
const drift = {
  ...{ revision: 2, first: false, newTables: [], newColumns: [], renamed: [], gone: [], flagged: true },
  widened: [{ table: 'orders', column: 'n', path: 'n', from: 'BOOLEAN', to: 'VARCHAR(16)' }],
};

describe('of version 0.1.0, this version reads', () => {
  test('a plan', () => {
    const plan = Plan.parse({
      ...{ version: 1, pipeline: 'p', run: 'r', owner: { workflowId: 'w', firstExecutionRunId: 'f' } },
      ...{ plannedAt: at, definition, segments: 4, layouts: [{ table: '', columns: [] }] },
      source: { tableName: 'orders', key, approximateItems: 1, approximateBytes: 1 },
    });
    expect(plan.definition).toMatchObject({
      ...{ redactValues: false, warehouse: { waitForReaders: false }, mapping: { maxTables: 500 } },
    });
    expect(namingOf(plan.definition.mapping)).toBe('lower');
  });

  test('a checkpoint', () => {
    const layouts = { l: { table: '', columns: [{ path: 'n', form: 'scalar' }] } };
    const checkpoint = {
      ...{ version: 1, run: 'r', segment: 0, number: 1, attempt: 'a', pages: 1, items: 1, readUnits: 0.5 },
      ...{ startedAt: at, endedAt: at, layouts, rejectReasons: {}, seen: { tables: {} } },
      files: [{ key: 'k', etag: 'e', table: '', layout: 'l', rows: 1, bytes: 1, rawBytes: 1 }],
    };
    expect(Checkpoint.parse(checkpoint)).toEqual({ ...checkpoint, version: 2 });
  });

  test('a manifest', () => {
    const manifest = {
      ...{ version: 1, pipeline: 'p', run: 'r', extractedFrom: at, extractedTo: at, sealedAt: at, key },
      ...{
        segments: 4,
        items: 0,
        odd: 0,
        rejects: 0,
        rejectReasons: {},
        bytes: 0,
        tables: [],
        drift,
        notes: [],
      },
    };
    expect(Manifest.parse(manifest)).toEqual({
      ...manifest,
      drift: { ...drift, retyped: [] },
      dictionaries: [],
    });
  });

  test('the result of an inference', () => {
    const inference = {
      ...{ version: 1, pipeline: 'p', inference: 'i', plannedAt: at, endedAt: at, share: 1, segments: 4 },
      ...{ items: 0, rejects: 0, readUnits: 0, agreed: true, drift, tables: [] },
    };
    expect(Inference.parse(inference)).toMatchObject({ drift: { retyped: [] }, dictionaries: [] });
  });

  test('an agreed schema', () => {
    const type = { type: 'BIGINT' };
    const column = {
      path: 'n',
      form: 'scalar',
      name: 'n',
      type,
      since: 'r',
      lastSeen: { by: 'r', at, share: 1 },
    };
    const schema = {
      ...{ version: 1, pipeline: 'p', revision: 1, changedAt: at, changedBy: 'r', since: 'r' },
      key: [{ name: 'id', kind: 'S', path: 'id', columnName: 'id', type }],
      tables: [{ path: '', name: 'orders', since: 'r', columns: [column] }],
      seen: { tables: {} },
      runs: [{ run: 'r', at }],
    };
    expect(AgreedSchema.parse(schema)).toEqual(schema);
    expect(withNaming(NO_MAPPING, AgreedSchema.parse(schema))).toMatchObject({ naming: 'lower' });
  });
});
