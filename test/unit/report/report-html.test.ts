import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { asRowsSetting, dictionaryHint } from '../../../src/pipeline/mapping/suggest/likely-dictionaries.ts';
import { Report } from '../../../src/pipeline/run/report.ts';
import { noDrift } from '../../../src/pipeline/schema/drift.ts';
import { withCommand } from '../../../src/pipeline/text/commands.ts';
import { escaped } from '../../../src/report/html.ts';
import { reportHtml } from '../../../src/report/report-html.ts';
import { median } from '../../../src/report/skew.ts';
import { madeUpReport } from './made-up-report.ts';

const small = () => madeUpReport({ segments: 4, tables: 3 });
const HOSTILE = `"><script>alert(1)</script><img src=x onerror=alert(1)>'&\u202eevil\u0000`;

/** The same report with every text hostile, except for its fixed words and times. */
function hostile(value: unknown, key = ''): unknown {
  if (typeof value === 'string') {
    const ours = /At$|^(outcome|state|status|phase|role|version)$/.test(key);
    return ours ? value : `${HOSTILE}${value}`;
  }
  if (Array.isArray(value)) return value.map((each) => hostile(each, key));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, hostile(each, name)]));
}

describe('the page of a report', () => {
  test('is one complete document that allows only its own style and script', () => {
    const page = reportHtml(small());
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? '';
    expect(policy).toMatch(/^default-src 'none'; /);
    for (const [directive, element] of [
      ['style-src', 'style'],
      ['script-src', 'script'],
    ] as const) {
      const content = new RegExp(`<${element}>([\\s\\S]*?)</${element}>`).exec(page)?.[1] ?? '';
      const hash = createHash('sha256').update(content).digest('base64');
      expect(policy).toContain(`${directive} 'sha256-${hash}'`);
    }
    expect(page).not.toMatch(/ style=| on[a-z]+=|<link|<img|@import|url\(|https?:/);
    expect(page.match(/<script/g)).toHaveLength(1);
  });

  test('shows hostile names as what they are', () => {
    const page = reportHtml(Report.parse(hostile(small())));
    expect(page.match(/<script/g)).toHaveLength(1);
    expect(page).not.toMatch(/<img|\u202e|\0/);
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(page).toContain('\\u{202e}evil\\u{0}');
  });

  test.each([
    { outcome: 'failed', says: 'Failed in load.' },
    { outcome: 'waiting', says: 'Waiting for you in load.' },
    { outcome: 'cancelled', says: 'Cancelled in load.' },
  ] as const)('says why a run $outcome, and that the live schema is unchanged', ({ outcome, says }) => {
    const page = reportHtml({
      ...small(),
      outcome,
      status: 'load',
      error: { type: 'LoadFailed', message: 'line 7 of x.csv' },
      unfinished: [{ child: 'orders', workflowId: 'w/load-orders', state: 'failed', error: 'because' }],
    });
    for (const text of [says, 'The live schema is unchanged', 'line 7 of x.csv', 'because']) {
      expect(page).toContain(text);
    }
  });

  test('resumes a run only up to the phase requested, whatever an earlier workflow of it did', () => {
    const phases = small().phases.map((each) => {
      if (each.phase === 'replace') return { ...each, workflowId: 'the one before' };
      return each.phase === 'verify' ? { ...each, state: 'ended' as const } : each;
    });
    const page = reportHtml({ ...small(), outcome: 'failed', status: 'verify', phases });
    expect(page).toContain(' --from verify --to verify</code>');
    expect(reportHtml({ ...small(), outcome: 'failed', status: 'verify' })).toContain(
      ' --from verify</code>',
    );
  });

  test('prints commands as where the run was started, or as the reader types them', () => {
    const report = {
      ...small(),
      ...({ outcome: 'failed', status: 'verify', command: 'npx tributary' } as const),
      error: { type: 'TooManyRejects', message: 'see "tributary rejects a".' },
    };
    const page = reportHtml(report);
    expect(page).toContain('<code>npx tributary run orders');
    expect(page).toContain('&quot;npx tributary rejects a&quot;');
    const here = reportHtml(report, (text) => withCommand(text, 'node t.js'));
    expect(here).toContain('<code>node t.js run orders');
    expect(here).toContain('&quot;node t.js rejects a&quot;');
  });

  test('suggests what the failure requires, not the phase that failed', () => {
    const failed = (status: string, type: string) =>
      reportHtml({ ...small(), outcome: 'failed', status, error: { type, message: 'because' } });
    expect(failed('verify', 'VerificationFailed')).toContain(' --from prepare</code>');
    expect(failed('replace', 'OlderThanLive')).toMatch(
      /<p>To start a new run:<\/p>[\s\S]*run orders<\/code>/,
    );
  });

  test('says what each position column is a position in', () => {
    const report = small();
    const position = (name: string) =>
      ({ name, type: 'BIGINT', role: 'position', path: 'a[key].b[]', values: 1 }) as const;
    const [first] = report.tables;
    const table = { ...first!, path: 'a[key].b[]', columns: [position('_key'), position('_pos')] };
    const page = reportHtml({ ...report, tables: [table] });
    expect(page).toContain('<em>name of the entry of</em> <code>a</code>');
    expect(page).toContain('<em>position in</em> <code>a[key].b</code>');
  });

  test('lists the slowest transactions whose time is known, those of the same name once', () => {
    const report = madeUpReport({ segments: 4, tables: 20 });
    const [first] = report.statements;
    const { seconds: _, ...untimed } = first!;
    const many = (name: string, seconds?: number) =>
      Array.from({ length: 6 }, (_, i) => ({
        ...untimed,
        id: `${name}${i}`,
        name: `tributary ${name}`,
        phase: 'load',
        ...(seconds === undefined
          ? { status: 'ABORTED' as const }
          : { status: 'FINISHED' as const, seconds: seconds + i }),
      }));
    const page = reportHtml({ ...report, statements: [...many('stuck'), ...many('slow', 60)] });
    const slowest = /<h3>The slowest<\/h3>([\s\S]*?)<\/table>/.exec(page)?.[1] ?? '';
    expect(slowest).toContain('slow <em>6 times, the slowest</em>');
    expect(slowest).toMatch(/65|1.min.05/);
    expect(slowest.match(/scope="row"/g)).toHaveLength(1);
    expect(reportHtml({ ...report, statements: [...many('a'), ...many('b')] })).not.toContain('The slowest');
  });

  test('says once what to set for a dictionary', () => {
    const dictionaries = [{ path: 'members', names: 900, tables: 900 }];
    const notes = [`${dictionaryHint(dictionaries)} ${asRowsSetting(dictionaries)}`];
    const message = `too many tables: set ${asRowsSetting(dictionaries)}.`;
    const failed = { ...small(), outcome: 'failed', dictionaries, notes } as const;
    const mentions = (page: string) => page.match(/asRows: true/g);
    expect(mentions(reportHtml({ ...failed, error: { type: 'TooManyTables', message } }))).toHaveLength(1);
    expect(mentions(reportHtml({ ...failed, error: { type: 'LoadFailed', message: 'x' } }))).toHaveLength(1);
  });

  test('says of a run that failed after its swap that its rows are live', () => {
    const page = reportHtml({
      ...{ ...small(), outcome: 'failed', status: 'replace' },
      error: { type: 'CleanUpFailed', message: 'because' },
    });
    expect(page).toContain('Failed after replace.');
    expect(page).not.toContain('none of them is live');
  });

  test('does not say that live is untouched if the run failed while replacing it', () => {
    expect(reportHtml({ ...small(), outcome: 'failed', status: 'replace' })).not.toContain('is unchanged');
  });

  test('lists what was set aside by reason, and omits the list if nothing was', () => {
    const reasons = { 'the key holds NUL': 2, 'half a surrogate pair': 5 };
    const page = reportHtml({ ...small(), rejects: 7, rejectReasons: reasons });
    expect(page).toMatch(/id="aside"[\s\S]*half a surrogate pair[\s\S]*the key holds NUL/);
    expect(reportHtml(small())).not.toContain('id="aside"');
  });

  test('shows drift if the run was sealed', () => {
    expect(reportHtml(small())).toMatch(/New columns[\s\S]*orders\.gift_message[\s\S]*VARCHAR\(1024\)/);
    expect(reportHtml({ ...small(), drift: noDrift() })).toContain('the pipeline’s first schema');
    const { drift: _drift, ...unsealed } = small();
    expect(reportHtml({ ...unsealed, tables: [] })).toContain('not sealed yet');
  });

  test('of a run without any results yet is still a page', () => {
    const page = reportHtml({ ...small(), segments: [], tables: [], statements: [], phases: [], items: 0 });
    expect(page).not.toMatch(/NaN|Infinity|undefined/);
  });

  test('of 1,000 segments and 300 tables is under 2 MB', () => {
    const page = reportHtml(madeUpReport({ segments: 1000, tables: 300 }));
    expect(Buffer.byteLength(page)).toBeLessThan(2_000_000);
    expect(page).not.toMatch(/NaN|Infinity|undefined/);
  });

  test('of 2,000 segments and tables of 1,600 columns is under 2 MB, and says what it leaves out', () => {
    const report = madeUpReport({ segments: 2000, tables: 300 });
    const columns = Array.from({ length: 1600 }, (_, i) => ({
      name: `c${i}`,
      type: 'BIGINT',
      role: 'value' as const,
      path: `c${i}`,
      values: 1,
    }));
    const page = reportHtml({ ...report, tables: report.tables.map((table) => ({ ...table, columns })) });
    expect(Buffer.byteLength(page)).toBeLessThan(2_000_000);
    expect(page).toContain('The other 1,000 are in report.json.');
  });
});

test('text is escaped, and what cannot be seen is shown; line breaks stay', () => {
  expect(escaped('a<b>&"\'\n\u200b\u{1f600}\ud800')).toBe(
    'a&lt;b&gt;&amp;&quot;&#39;\n\\u{200b}\u{1f600}\ufffd',
  );
});

test.each([
  [[], 0],
  [[3], 3],
  [[9, 1, 5], 5],
  [[4, 1, 3, 2], 2.5],
])('the median of %j is %d', (numbers, expected) => {
  expect(median(numbers)).toBe(expected);
});
