import { REPORT_STYLE } from './report-style.ts';

/** The style of reports, and what the catalogue and the index of runs have in addition. */
export const CATALOGUE_STYLE = `${REPORT_STYLE}
[hidden] { display: none !important; }
.find { margin-top: 1.5rem; display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem 1rem; }
.find input { font: inherit; color: inherit; background: var(--sheet); border: 1px solid var(--soft); border-radius: 8px; padding: 0.5rem 0.75rem; flex: 1 1 16rem; max-width: 30rem; min-width: 0; }
.find output { color: var(--soft); }
.find kbd { font-family: var(--mono); font-size: 0.8rem; border: 1px solid var(--line); border-radius: 4px; padding: 0 0.35rem; color: var(--soft); }
.tree, .tree ul { list-style: none; }
.tree ul { margin-left: 0.35rem; padding-left: 1.1rem; border-left: 1px solid var(--line); }
.tree li { padding: 0.2rem 0; overflow-wrap: anywhere; }
.tree span, .data small, .data em { color: var(--soft); }
.data small { display: block; font-size: 0.85em; line-height: 1.4; }
.entry > p { margin: 0.35rem 0 0; }
.entry .facts { color: var(--soft); font-size: 0.925rem; }
.entry { scroll-margin-top: 1rem; }
.data .type { white-space: nowrap; }
.head p + p { margin-top: 0.5rem; }
.entry summary code { font-size: 0.95em; font-weight: 600; color: var(--ink); }
.trend { display: block; width: 100%; max-width: 20rem; height: 40px; }
.trend polyline { fill: none; stroke: var(--water); stroke-width: 1.5; vector-effect: non-scaling-stroke; }
.trend .area { fill: color-mix(in srgb, var(--shallow) 35%, transparent); stroke: none; }
.trends { display: grid; grid-template-columns: repeat(auto-fit, minmax(14rem, 1fr)); gap: 1rem 2rem; margin: 0.75rem 0 0.5rem; }
.trends figcaption { margin: 0 0 0.25rem; }
.mark-bad { color: var(--bad); }
.mark-warn { color: var(--warn); }
.mark-ok { color: var(--ok); }
.mark-calm { color: var(--water); }
`;
