import { describe, expect, test } from '@jest/globals';
import { planLines } from '../../../../src/cli/runs/plan-lines.ts';
import { paletteFor } from '../../../../src/cli/terminal/palette.ts';
import { markdown } from '../../../../src/contract/failed-parts.ts';
import { assumptionsOf } from '../../../../src/pipeline/estimate/assumptions.ts';
import { type PipelinePlan, usd } from '../../../../src/pipeline/estimate/pipeline-plan.ts';
import { planMarkdown } from '../../../../src/pipeline/estimate/plan-markdown.ts';
import { pricesWith } from '../../../../src/pipeline/estimate/prices.ts';
import { estimateScan } from '../../../../src/pipeline/estimate/scan-estimate.ts';

const prices = pricesWith({ exportGB: 0.2 });
const scan = estimateScan({
  described: { approximateItems: 1_000_000, approximateBytes: 2 ** 30 },
  sample: { items: 400, bytes: 400_000, readUnits: 50, isWhole: false },
  ...{ segments: 4, segmentsAtOnce: 4, tables: 2, cutBytes: 2 ** 26, cutSeconds: 600, prices },
  readUnitsPerSecond: 100,
});
const plan: PipelinePlan = {
  ...{ pipeline: 'orders', source: 'Orders', schema: 'shop', scan, prices },
  tables: [
    {
      ...{ name: 'orders', path: '', rows: 1_000_000, columns: 2, bytes: 5e7, isNew: false },
      named: [
        { name: 'pk', type: 'VARCHAR(32)' },
        { name: 'total', type: 'DECIMAL(18,2)' },
      ],
    },
    { name: 'orders__lines', path: 'lines[]', rows: 3_000_000, columns: 3, bytes: 1e8, isNew: true },
  ],
  changes: ['new table orders__lines (lines[])'],
  stoppers: [{ what: 'Redshift: COPY', found: 'role a|b cannot be assumed', whatToDo: 'Correct the role.' }],
  assumptions: assumptionsOf(scan, prices, 400),
};

test.each([
  [0, []],
  [100, ['leave out 100 items of the sample']],
  [400, ['leave out every item of the sample']],
])('%d of 400 items that where leaves out are an assumption: %j', (filtered, expected) => {
  const found = assumptionsOf(scan, prices, 400, filtered).filter((each) => each.includes('where'));
  expect(found).toEqual(expected.map((text) => expect.stringContaining(text)));
});

describe('as text', () => {
  const lines = planLines(plan, paletteFor({ write: () => true }, { NO_COLOR: '1' }));
  const text = lines.join('\n');

  test('what would stop a run comes before the figures', () => {
    expect(lines.findIndex((line) => line.includes('Would stop'))).toBeLessThan(
      lines.findIndex((line) => line.includes('read units')),
    );
    expect(text).toContain('  - Redshift: COPY: role a|b cannot be assumed → Correct the role.');
  });

  test.each([
    /^segments +4 /m,
    /^items +1,000,000 +DynamoDB’s count, up to six hours old$/m,
    /^size +1\.1 GB /m,
    /^read units +131,\d{3} /m,
    /^on-demand price +\$0\.02 +list price of us-east-1, 2026-09-13; some prices are your own$/m,
    /^provisioned price +less than \$0\.01 /m,
    /^export price +\$0\.20 /m,
    /^time +21 min \d\d s +at 100 read units per second, the limit of the pipeline$/m,
    /^S3 requests +\d+ PUTs, \d+ GETs /m,
    /^Redshift space +150 MB /m,
    /^tables +2 +5 columns$/m,
    /^orders__lines +3,000,000 +3 +100 MB +new$/m,
    /^ {2}- orders: pk VARCHAR\(32\), total DECIMAL\(18,2\)$/m,
    /^ {2}- new table orders__lines/m,
    /These were replaced: exportGB\./,
  ])('%s', (line) => {
    expect(text).toMatch(line);
  });

  test('no line is longer than a terminal, apart from rows of tables', () => {
    const prose = lines.filter((line) => line.startsWith('  '));
    expect(Math.max(...prose.map(({ length }) => length))).toBeLessThanOrEqual(104);
  });
});

describe('as Markdown', () => {
  const text = planMarkdown(plan, markdown);

  test('every row of a table has as many cells as its head', () => {
    const rows = text.split('\n').filter((line) => line.startsWith('|'));
    expect(rows.length).toBeGreaterThan(12);
    const cells = (line: string) => line.replaceAll('\\|', '').split('|').length;
    const tables = text.split('\n\n').filter((part) => part.startsWith('|'));
    for (const table of tables) expect(new Set(table.split('\n').map(cells)).size).toBe(1);
  });

  test('text of the user is not read as Markdown', () => {
    expect(text).toContain('role a\\|b cannot be assumed');
    expect(text).toContain('orders\\_\\_lines');
  });
});

test('a table that cannot be read has no figures, only what is wrong', () => {
  const stoppers = [{ what: 'TableNotFound', found: 'no table Orders' }];
  const { scan: _, ...rest } = plan;
  const unread = { ...rest, tables: [], changes: [], stoppers, assumptions: [] };
  const lines = planLines(unread, paletteFor({ write: () => true }, { NO_COLOR: '1' }));
  expect(lines.filter((line) => line !== '')).toEqual([
    'Plan of orders: Orders → shop',
    'Would stop a run:',
    '  - TableNotFound: no table Orders',
  ]);
});

test.each([
  [0, '$0'],
  [0.0004, 'less than $0.01'],
  [0.126, '$0.13'],
  [1234.5, '$1,235'],
])('%d US dollars are %s', (amount, text) => {
  expect(usd(amount)).toBe(text);
});
