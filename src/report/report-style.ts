/** The page's style: one column, quiet colours, light or dark according to the reader's system. */
export const REPORT_STYLE = `
:root {
  color-scheme: light dark;
  --paper: #f8f8f5; --sheet: #ffffff; --ink: #1b2530; --soft: #56626e; --line: #e2e5e1;
  --water: #12748a; --shallow: #9fcbd5; --ok: #23734a; --warn: #8a5a00; --bad: #b02f24;
  --okbg: #e2f1e8; --warnbg: #fbefd6; --badbg: #fbe5e2; --calmbg: #e0eff2;
  --mono: ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #10161b; --sheet: #171f26; --ink: #e4e9ed; --soft: #9daab6; --line: #29333c;
    --water: #5fc3d8; --shallow: #2c6573; --ok: #74cf9b; --warn: #e6ba5c; --bad: #f4948a;
    --okbg: #16301f; --warnbg: #35290f; --badbg: #3a1c19; --calmbg: #15313a;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', sans-serif; }
.page { max-width: 66rem; margin: 0 auto; padding: clamp(1.25rem, 4vw, 3.5rem) clamp(1rem, 4vw, 2.5rem) 4rem; }
h1, h2, h3, p, dl, dd, ol, ul, figure { margin: 0; padding: 0; }
code, pre { font-family: var(--mono); font-size: 0.875em; }
code { overflow-wrap: anywhere; }
time { white-space: nowrap; }
em, i { font-style: normal; color: var(--soft); }
a { color: var(--water); }
:focus-visible { outline: 2px solid var(--water); outline-offset: 3px; border-radius: 4px; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

.brand { display: flex; align-items: center; gap: 0.5rem; color: var(--water); font-weight: 600; letter-spacing: 0.01em; }
.brand span { color: var(--soft); font-weight: 400; }
.title { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem 1rem; margin-top: 1.75rem; }
h1 { font-size: clamp(2rem, 6vw, 3rem); line-height: 1.1; letter-spacing: -0.02em; font-weight: 650; overflow-wrap: anywhere; }
.verdict { padding: 0.2rem 0.85rem; border-radius: 99rem; font-weight: 600; font-size: 0.95rem; }
.ok { color: var(--ok); background: var(--okbg); }
.warn { color: var(--warn); background: var(--warnbg); }
.bad { color: var(--bad); background: var(--badbg); }
.calm { color: var(--water); background: var(--calmbg); }
.way { margin-top: 0.75rem; color: var(--soft); }
.lead { margin-top: 1rem; font-size: clamp(1.125rem, 2.6vw, 1.375rem); line-height: 1.45; max-width: 52rem; text-wrap: balance; }
.trouble { margin-top: 1.5rem; padding: 1rem 1.25rem; border-radius: 10px; overflow-wrap: anywhere; }
.trouble p + p, .trouble pre { color: var(--ink); }
.trouble ul { margin-top: 0.6rem; }
.trouble strong { font-weight: 650; }
.trouble .why, .trouble li { color: var(--ink); white-space: pre-line; }
.trouble pre { color: var(--ink); }
.trouble ul { padding-left: 1.1rem; display: grid; gap: 0.5rem; }

.figures { display: grid; grid-template-columns: repeat(4, 1fr); gap: 1px; margin-top: 2rem; background: var(--line); border: 1px solid var(--line); border-radius: 12px; overflow: hidden; }
.figures div { background: var(--sheet); padding: 1rem 1.15rem; min-width: 0; }
.figures dt { color: var(--soft); font-size: 0.85rem; }
.figures b { display: block; font-size: 1.5rem; line-height: 1.25; font-weight: 600; letter-spacing: -0.01em; font-variant-numeric: tabular-nums; }
.figures span { color: var(--soft); font-size: 0.8rem; line-height: 1.35; display: block; }

nav { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; margin-top: 1.5rem; font-size: 0.95rem; }
nav a { text-decoration: none; padding: 0.25rem 0; }
nav a:hover { text-decoration: underline; text-underline-offset: 3px; }
main > section { margin-top: 3rem; scroll-margin-top: 1rem; }
h2 { font-size: 1.35rem; letter-spacing: -0.01em; font-weight: 620; margin-bottom: 0.85rem; }
h3 { font-size: 1rem; font-weight: 600; margin: 1.75rem 0 0.4rem; }
h3 span, summary span { color: var(--soft); font-weight: 400; }
main p { max-width: 46rem; }

.phases, .named { list-style: none; display: grid; gap: 0.15rem; }
.phases li, .named li { display: grid; grid-template-columns: 6.5rem minmax(0, 1fr) 7.5rem; align-items: center; gap: 1rem; padding: 0.3rem 0; font-variant-numeric: tabular-nums; }
.bar { display: block; overflow: visible; }
svg rect { fill: var(--water); }
svg line { stroke: var(--line); stroke-width: 1; }
.phases .bar { background: linear-gradient(var(--line), var(--line)) center / 100% 1px no-repeat; height: 12px; }
.phases .ended rect { fill: var(--bad); }
.phases .running rect { fill: var(--warn); }
.phases .skipped, .phases .not-started { color: var(--soft); }
.took { white-space: nowrap; }
.phases .took, .named .took { text-align: right; }
.phases .took em, .named .took em { display: block; font-size: 0.8rem; line-height: 1.2; white-space: normal; }
.gantt { margin-top: 1.25rem; }
.thin { display: block; overflow: hidden; }
.thin rect { fill: var(--shallow); }
.thin .slow rect { fill: var(--water); }
.thin g:hover rect { fill: var(--warn); }
.axis { display: flex; justify-content: space-between; color: var(--soft); font-size: 0.8rem; margin-top: 0.35rem; max-width: none; font-variant-numeric: tabular-nums; }
.axis.beside { margin-left: 7.5rem; margin-right: 8.5rem; }
figcaption { color: var(--soft); font-size: 0.875rem; margin-top: 0.5rem; }

table { width: 100%; border-collapse: collapse; font-size: 0.925rem; font-variant-numeric: tabular-nums; margin-top: 0.5rem; }
th, td { text-align: left; font-weight: 400; padding: 0.45rem 0.75rem 0.45rem 0; vertical-align: top; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
th:last-child, td:last-child { padding-right: 0; }
.n { text-align: right; overflow-wrap: normal; }
thead th { color: var(--soft); font-size: 0.82rem; vertical-align: bottom; white-space: nowrap; }
thead button { font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer; }
thead button:hover { color: var(--ink); text-decoration: underline; text-underline-offset: 3px; }
th[aria-sort] button { color: var(--ink); }
th[aria-sort=ascending] button::after { content: ' ↑'; }
th[aria-sort=descending] button::after { content: ' ↓'; }
tbody tr:hover { background: color-mix(in srgb, var(--shallow) 12%, transparent); }
.share { display: block; width: 7rem; margin: 3px 0 0 auto; transform: scaleX(-1); }
.share rect { fill: var(--shallow); }

details { margin-top: 0.75rem; }
summary { cursor: pointer; padding: 0.35rem 0; overflow-wrap: anywhere; }
summary:hover { color: var(--water); }
.folds { display: grid; }
.folds > details, .folds > p { margin: 0; border-bottom: 1px solid var(--line); }
.folds > details[open] { padding-bottom: 1rem; }
.unfolded { padding: 0.35rem 0 0.35rem 1.05rem; max-width: none; }
.unfolded span, .unfolded small { color: var(--soft); }
.statements { list-style: none; padding-left: 1rem; font-size: 0.925rem; }
.statements details { margin: 0; }
.statements summary .sname { color: var(--ink); }
.statements .unfolded .sname { color: var(--ink); }
.statements .took, .statements summary .took { color: var(--soft); font-variant-numeric: tabular-nums; margin-left: 0.35rem; }
.statements strong, .folds strong { color: var(--bad); font-weight: 600; }
.sql { padding: 0.25rem 0 0.75rem 1.05rem; }
.sql p { color: var(--soft); font-size: 0.875rem; overflow-wrap: anywhere; }
.sql .why { color: var(--bad); }
pre { margin: 0.6rem 0 0; padding: 0.75rem 0.9rem; background: var(--sheet); border: 1px solid var(--line); border-radius: 8px; white-space: pre-wrap; overflow-wrap: anywhere; font-size: 0.82rem; line-height: 1.5; }
pre code { font-size: 1em; }

.drift ul, .plain { list-style: none; }
.drift li, .plain li { padding: 0.35rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
.drift li > span { color: var(--soft); margin-left: 0.35rem; }
.drift section:first-child h3 { margin-top: 0; }
.lines div, .sources div { display: grid; grid-template-columns: 9rem minmax(0, 1fr); gap: 1rem; padding: 0.35rem 0; border-bottom: 1px solid var(--line); }
.sources div { grid-template-columns: 14rem minmax(0, 1fr); font-size: 0.925rem; }
.lines dt, .sources dt { color: var(--soft); }
footer { margin-top: 3.5rem; color: var(--soft); font-size: 0.875rem; }

@media (max-width: 44rem) {
  .figures { grid-template-columns: repeat(2, 1fr); }
  .figures div { padding: 0.8rem 0.9rem; }
  .figures b { font-size: 1.3rem; }
  .phases li { grid-template-columns: 4.5rem minmax(0, 1fr) 5.75rem; gap: 0.75rem; }
  .named li { grid-template-columns: 1.75rem minmax(0, 1fr) 6.25rem; gap: 0.75rem; }
  .named .took { font-size: 0.875rem; }
  .wide { display: none; }
  .axis.beside { margin-left: 2.5rem; margin-right: 7rem; }
  .axis span:nth-child(even) { display: none; }
  main > section { margin-top: 2.5rem; }
  table.data thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  table.data, table.data tbody { display: block; }
  table.data tr { display: flex; flex-wrap: wrap; gap: 0.05rem 1rem; padding: 0.6rem 0; border-bottom: 1px solid var(--line); }
  table.data th, table.data td { border: 0; padding: 0; text-align: left; }
  table.data tbody th { flex: 1 0 100%; font-size: 0.95rem; }
  table.data tbody th[data-n]::before { content: 'number '; color: var(--soft); }
  table.data td::before { content: attr(data-l) ' '; color: var(--soft); }
  table.data td { font-size: 0.875rem; }
  table.data td .share { display: none; }
  .lines div, .sources div { grid-template-columns: 1fr; gap: 0; }
  .lines dt, .sources dt { font-size: 0.85rem; }
  .statements { padding-left: 0.25rem; }
  .sql { padding-left: 0.25rem; }
}
@media print {
  :root {
    color-scheme: light;
    --paper: #fff; --sheet: #fff; --ink: #000; --soft: #444; --line: #ccc; --water: #12748a; --shallow: #9fcbd5;
    --ok: #23734a; --warn: #8a5a00; --bad: #b02f24; --okbg: #fff; --warnbg: #fff; --badbg: #fff; --calmbg: #fff;
  }
  body { font-size: 10.5pt; }
  .page { max-width: none; padding: 0; }
  nav, details:not([open]) { display: none; }
  .verdict, .trouble { border: 1px solid; }
  svg rect, .share rect { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  h2, h3 { break-after: avoid; }
  tr, li, .figures, .gantt { break-inside: avoid; }
}
`;
