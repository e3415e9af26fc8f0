import type { Report } from '../../../src/pipeline/run/report.ts';
import { noDrift } from '../../../src/pipeline/schema/drift.ts';

/** Numbers that look random but are always the same. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

const BEGIN_MS = Date.parse('2026-11-21T02:00:00.000Z');
const at = (seconds: number) => new Date(BEGIN_MS + seconds * 1000).toISOString();

/** An invented run with the given numbers of segments and tables. */
export function madeUpReport(size: { readonly segments: number; readonly tables: number }): Report {
  const roll = dice(7);
  const lanes = Array.from({ length: 50 }, () => 20 + roll(30));
  const segments = Array.from({ length: size.segments }, (_, segment): Report['segments'][number] => {
    const lane = lanes.indexOf(Math.min(...lanes));
    const from = lanes[lane] ?? 0;
    const seconds = segment % 97 === 41 ? 900 + roll(400) : 180 + roll(120);
    const half = from + seconds / 2;
    lanes[lane] = from + seconds + 2;
    const items = seconds * 2000 + roll(5000);
    const went = { startedAt: at(from), endedAt: at(from + seconds), checkpoints: 4 };
    return {
      segment,
      ended: true,
      checkpoints: 4,
      pages: Math.ceil(items / 3000),
      items,
      odd: roll(9),
      rejects: 0,
      files: size.tables * 2,
      bytes: items * 90,
      rawBytes: items * 610,
      readUnits: items * 0.5,
      stretches:
        segment % 50 === 3
          ? [
              { ...went, endedAt: at(half - 25), checkpoints: 2 },
              { ...went, startedAt: at(half), checkpoints: 2 },
            ]
          : [went],
    };
  });
  const total = (of: (segment: Report['segments'][number]) => number) =>
    segments.reduce((sum, segment) => sum + of(segment), 0);
  const items = total((segment) => segment.items);
  const tables = Array.from({ length: size.tables }, (_, i): Report['tables'][number] => {
    const rows = i === 0 ? items : Math.floor(items / (i + 1)) + roll(1000);
    return {
      table: i === 0 ? 'orders' : `orders__${['lines', 'payments', 'shipments', 'events'][i % 4]}__part_${i}`,
      path: i === 0 ? '' : `lines[${i}]`,
      rows,
      bytes: rows * 40,
      rawBytes: rows * 260,
      files: 40 + roll(400),
      layouts: 1 + roll(5),
      columns: Array.from({ length: 8 + roll(40) }, (__, c) => ({
        name: c === 0 ? 'order_id' : `attribute_${c}`,
        type: ['VARCHAR(64)', 'BIGINT', 'DECIMAL(18,2)', 'TIMESTAMPTZ', 'BOOLEAN'][c % 5] as string,
        role: c === 0 ? ('key' as const) : ('value' as const),
        path: c === 0 ? 'orderId' : `attribute.${c}`,
        values: c === 0 ? rows : roll(rows + 1),
      })),
    };
  });
  const took = {
    plan: 9.4,
    extract: 0,
    seal: 74.2,
    prepare: 31.8,
    load: 1260.5,
    verify: 208.1,
    replace: 6.3,
  };
  took.extract = Math.max(...lanes);
  let begun = 0;
  const phases = Object.entries(took).map(([phase, seconds]) => {
    const startedAt = at(begun);
    begun += seconds;
    return { phase, state: 'completed' as const, startedAt, seconds };
  });
  return {
    version: 2,
    pipeline: 'orders',
    run: '20261121t020000z_1f0c22',
    workflowId: 'refresh-orders-20261121t020000z_1f0c22',
    outcome: 'completed',
    status: 'replaced',
    unfinished: [],
    options: [],
    writtenAt: at(begun + 2),
    seconds: begun,
    plannedAt: at(3),
    sealedAt: at(took.plan + took.extract + took.seal),
    source: { table: 'prod-orders', segments: size.segments },
    warehouse: { database: 'analytics', schema: 'orders', where: 'analytics-wg' },
    directory: 's3://company-staging/tributary/orders/runs/20261121t020000z_1f0c22/',
    items,
    odd: total(({ odd }) => odd),
    rejects: 0,
    rejectReasons: {},
    rows: tables.reduce((sum, { rows }) => sum + rows, 0),
    bytes: tables.reduce((sum, { bytes }) => sum + bytes, 0),
    rawBytes: tables.reduce((sum, { rawBytes }) => sum + rawBytes, 0),
    files: tables.reduce((sum, { files }) => sum + files, 0),
    readUnits: total(({ readUnits }) => readUnits),
    phases,
    segments,
    tables,
    drift: {
      ...noDrift(),
      first: false,
      revision: 12,
      newColumns: [
        { table: 'orders', column: 'gift_message', path: 'giftMessage', type: 'VARCHAR(256)' },
        { table: 'orders', column: 'loyalty__tier', path: 'loyalty.tier', type: 'VARCHAR(16)' },
      ],
      widened: [{ table: 'orders', column: 'note', path: 'note', from: 'VARCHAR(256)', to: 'VARCHAR(1024)' }],
      gone: [{ table: 'orders', column: 'fax', path: 'fax', runs: 3 }],
    },
    checks: [
      { check: 'known_status', outcome: 'warned', found: '3 rows have another value in orders.status' },
      { check: 'one_row_per_order', outcome: 'passed' },
    ],
    dictionaries: [],
    notes: [],
    statements: tables.flatMap(({ table, columns }, i) =>
      (['prepare', 'load', 'load', 'verify'] as const).map((phase, j) => ({
        id: `${String(i).padStart(8, '0')}-cf27-4b1c-9d7e-${String(j).padStart(12, '0')}`,
        phase,
        name: `tributary ${phase} ${table} in orders__20261121t020000z_1f0c22_1`,
        submittedAt: at(took.plan + took.extract + i),
        status: 'FINISHED' as const,
        seconds: (1 + roll(900)) / 10,
        statements: [
          {
            sql: `COPY "orders__20261121t020000z_1f0c22_1"."${table}" (${columns
              .map(({ name }) => `"${name}"`)
              .join(', ')}) FROM 's3://company-staging/${table}.manifest' IAM_ROLE default`.slice(0, 1000),
            characters: 1400,
            seconds: (1 + roll(900)) / 10,
            queryId: 100_000 + i * 4 + j,
          },
        ],
      })),
    ),
  };
}
