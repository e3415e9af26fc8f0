import { describe, expect, test } from '@jest/globals';
import { graphPage } from '../../../../src/report/graph/graph-page.ts';
import type { DrawnDataset, DrawnState, GraphPicture } from '../../../../src/report/graph/graph-picture.ts';
import { graphSvg } from '../../../../src/report/graph/graph-svg.ts';
import { graphMermaid, graphText } from '../../../../src/report/graph/graph-text.ts';

const none = { complete: 0, ready: 0, waits: 0, blocked: 0, held: 0, failed: 0 };
const partitions = (states: Readonly<Record<string, DrawnState>>) =>
  Object.entries(states).map(([partition, state]) => ({
    ...{ partition, state, reason: state === 'complete' ? '' : `why <${state}>` },
  }));
const dataset = (name: string, changes: Partial<DrawnDataset>): DrawnDataset => ({
  ...{ name, kind: 'derived', unit: 'day', reads: [], counts: none, partitions: [] },
  ...changes,
});

const picture: GraphPicture = {
  at: '2026-11-30T04:00:00.000Z',
  datasets: [
    dataset('transactions', { kind: 'source', counts: { ...none, complete: 2 } }),
    dataset('accounts', { kind: 'source' }),
    dataset('daily_stats', {
      reads: [{ dataset: 'transactions', rule: 'same-day', isReference: false }],
      counts: { ...none, complete: 1, ready: 1 },
      partitions: [
        ...partitions({ '2026-11-28': 'complete', '2026-11-29': 'ready' }).map((each) => ({
          ...each,
          milliseconds: 1234,
        })),
      ],
      durations: {
        ...{ medianMs: 1234, last: { partition: '2026-11-29', milliseconds: 900 } },
        slowest: { partition: '2026-11-28', milliseconds: 200_000 },
      },
    }),
    dataset('statements', {
      unit: 'month',
      reads: [
        { dataset: 'daily_stats', rule: 'days-of-month', isReference: false },
        { dataset: 'accounts', rule: 'all', isReference: true },
      ],
      counts: { ...none, waits: 1, failed: 1 },
      partitions: partitions({ '2026-10': 'failed', '2026-11': 'waits' }),
    }),
  ],
};

test('as text, a dataset is a line with its partitions by state, above what it reads', () => {
  expect(graphText(picture)).toBe(
    [
      'transactions  2 complete',
      'accounts      no partitions',
      'daily_stats   1 complete, 1 ready',
      '  <- same-day of transactions',
      'statements    1 waits, 1 failed',
      '  <- days-of-month of daily_stats, all of accounts (reference)',
      '',
    ].join('\n'),
  );
});

test('a step that gives other rows of the same inputs is named, as text and on the page', () => {
  const unstable = { partitions: ['2026-10', '2026-11'], total: 3 };
  const at = {
    ...picture,
    datasets: [dataset('statements', { counts: { ...none, complete: 3 }, unstable })],
  };
  const found = 'by the same step from the same inputs, 2026-10, 2026-11 and 1 more had other rows';
  expect(graphText(at)).toContain(`  !  unstable: built again ${found}`);
  expect(graphPage(at)).toContain(found);
  expect(graphPage(at)).toContain('Every partition is complete.');
  expect(graphPage(picture)).not.toContain('unstable');
});

test('for Mermaid, references are dotted, and a box has the class of its worst state', () => {
  expect(graphMermaid(picture).split('\n').slice(0, 8)).toEqual([
    'flowchart TD',
    '  d0["transactions<br/>2 complete"]:::complete',
    '  d1["accounts<br/>no partitions"]:::complete',
    '  d2["daily_stats<br/>1 complete, 1 ready"]:::ready',
    '  d3["statements<br/>1 waits, 1 failed"]:::failed',
    '  d0 -- same-day --> d2',
    '  d2 -- days-of-month --> d3',
    '  d1 -. all .-> d3',
  ]);
});

describe('as SVG', () => {
  const svg = graphSvg(picture);
  const boxes = [...svg.matchAll(/<rect x="([\d.]+)" y="([\d.]+)"/g)].map(([, x, y]) => ({
    ...{ x: Number(x), y: Number(y) },
  }));

  test('a dataset is below all that it reads, and no two overlap', () => {
    const [transactions, accounts, daily, statements] = boxes;
    expect(transactions!.y).toBe(accounts!.y);
    expect(accounts!.x - transactions!.x).toBeGreaterThan(240);
    expect(daily!.y).toBeGreaterThan(transactions!.y);
    expect(statements!.y).toBeGreaterThan(daily!.y);
  });

  test('more datasets than fit a row are in several, and no text is wider than its box', () => {
    const many = graphSvg({
      ...picture,
      datasets: Array.from({ length: 6 }, (_, index) =>
        dataset(`a_dataset_with_a_very_long_name_${index}`, {
          reads: [{ dataset: 'another_dataset_with_a_long_name', rule: 'last-12-months', isReference: true }],
          counts: { complete: 12_345, ready: 1000, waits: 1000, blocked: 1000, held: 1000, failed: 1000 },
        }),
      ),
    });
    const [, width] = / width="(\d+)"/.exec(many)!;
    expect(Number(width)).toBeLessThan(1056);
    expect(new Set([...many.matchAll(/<rect x="[\d.]+" y="([\d.]+)"/g)].map(([, y]) => y)).size).toBe(2);
    for (const [, line = ''] of many.matchAll(/<text class="line"[^>]*>([^<]*)</g))
      expect(line.length).toBeLessThanOrEqual(30);
  });

  test('it has its own colours, and an arrow per input', () => {
    expect(svg).toContain('<style>');
    expect(svg.match(/marker-end/g)).toHaveLength(3);
    expect(svg.match(/class="reference"/g)).toHaveLength(1);
  });
});

describe('the page', () => {
  const page = graphPage(picture);

  test('says in words what colours show, and why partitions are not complete', () => {
    expect(page).toContain('failed</span><div><b>statements 2026-10</b><p>why &lt;failed&gt;</p></div>');
    expect(page).toContain('title="2026-11-29: ready: why &lt;ready&gt;: built in 1.2 s">29 R</li>');
    expect(page).toContain('title="2026-11-28: complete: built in 1.2 s">28</li>');
    expect(page).toContain('blocked: an input is missing');
  });

  test('names what failed first, what it reads, and the command that helps', () => {
    const [, , , statements] = picture.datasets;
    const [failed, waits] = statements!.partitions;
    const helped = graphPage({
      ...picture,
      datasets: [
        {
          ...statements!,
          partitions: [
            waits!,
            { ...failed!, inputs: ['daily_stats 2026-10-01'], help: 'npx tributary dataset retry' },
          ],
        },
      ],
    });
    expect(helped).toContain('reads daily_stats 2026-10-01</p><p><code>npx tributary dataset retry</code>');
    expect(helped.indexOf('why &lt;failed&gt;</p>')).toBeLessThan(helped.indexOf('why &lt;waits&gt;</p>'));
  });

  test('has durations of what was measured, in the drawing as well', () => {
    expect(page).toContain('<td>1.2 s</td><td>900 ms <small>2026-11-29</small></td>');
    expect(page).toContain('3 min 20 s <small>2026-11-28</small>');
    expect(page.match(/median 1\.2 s, last 900 ms/g)).toHaveLength(2);
  });

  test('shows the drawing where there is room, and a list elsewhere', () => {
    expect(page).toContain('@media(max-width:48rem){.scroll.wide{display:none}ol.narrow{display:block}}');
    expect(page.match(/<li class="box /g)).toHaveLength(4);
  });

  test('needs no script and makes no request', () => {
    expect(page).not.toContain('<script');
    expect(page).not.toMatch(/(?:src|href)="(?!#)/);
  });

  test('shows the latest partitions of a long dataset', () => {
    const days = Array.from({ length: 500 }, (_, index) => ({
      ...{ partition: `2026-${String(index).padStart(5, '0')}`, state: 'complete' as const, reason: '' },
    }));
    const long = graphPage({ ...picture, datasets: [dataset('long', { partitions: days })] });
    expect(long).toContain('the latest 400 of 500');
    expect(long.match(/class="cell complete" title/g)).toHaveLength(400);
  });
});
