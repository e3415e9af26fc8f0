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
      partitions: partitions({ '2026-11-28': 'complete', '2026-11-29': 'ready' }),
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

test('as text, a dataset is a line with its partitions by state, and what it reads', () => {
  expect(graphText(picture)).toBe(
    [
      'transactions  2 complete',
      'accounts      no partitions',
      'daily_stats   1 complete, 1 ready  <- transactions (same-day)',
      'statements    1 waits, 1 failed    <- daily_stats (days-of-month), accounts (all, reference)',
      '',
    ].join('\n'),
  );
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

  test('it has its own colours, and an arrow per input', () => {
    expect(svg).toContain('<style>');
    expect(svg.match(/marker-end/g)).toHaveLength(3);
    expect(svg.match(/class="reference"/g)).toHaveLength(1);
  });
});

describe('the page', () => {
  const page = graphPage(picture);

  test('says in words what colours show, and why partitions are not complete', () => {
    expect(page).toContain('<td>statements</td><td>2026-10</td><td>failed</td><td>why &lt;failed&gt;</td>');
    expect(page).toContain('title="2026-11-29: ready: why &lt;ready&gt;">29 R</li>');
    expect(page).toContain('title="2026-11-28: complete">28</li>');
    expect(page).toContain('blocked: an input is missing');
  });

  test('needs no script and makes no request', () => {
    expect(page).toContain('<script></script>');
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
