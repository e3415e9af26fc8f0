import { GRAPH_STYLE } from './graph-svg.ts';

/** Colours by state have dark text on a light ground, also in the dark. */
export const GRAPH_PAGE_STYLE = `
:root{color-scheme:light dark;--ground:#fff;--text:#16191d;--dim:#5b6472;--line:#d9dde3;--panel:#f6f7f9}
@media(prefers-color-scheme:dark){:root{--ground:#14171b;--text:#e8eaed;--dim:#a2abb8;--line:#333a44;--panel:#1b2027}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:68rem;padding:1rem;background:var(--ground);color:var(--text);font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.4rem;margin:.2rem 0}h2{font-size:1.15rem;margin:2rem 0 .5rem}h3{font-size:1rem;margin:1.4rem 0 .2rem}
p{margin:.2rem 0}.dim,small{color:var(--dim)}small{font-size:.85rem}
nav{display:flex;flex-wrap:wrap;gap:.3rem 1rem;margin:.8rem 0}a{color:inherit}
code{font:.9rem/1.5 ui-monospace,monospace;background:var(--panel);border:1px solid var(--line);border-radius:4px;padding:.1rem .35rem}
.scroll{overflow-x:auto;background:var(--panel);border:1px solid var(--line);border-radius:.5rem}
.graph{display:block;margin:auto}
ol.narrow{display:none;list-style:none;margin:0;padding:0}
.box{display:flex;flex-direction:column;margin:0 0 .6rem;padding:.6rem .8rem;border:1.5px solid #5b6472;border-radius:8px;background:#eef0f3;color:#16191d;font-size:.95rem}
.box b{font-size:1rem}
@media(max-width:48rem){.scroll.wide{display:none}ol.narrow{display:block}}
.calendar{display:flex;gap:.6rem;margin:0 0 .3rem}
.calendar .month{flex:none;width:3.9rem;color:var(--dim);font-size:.9rem;line-height:1.7rem}
.calendar ul,ul.legend{list-style:none;margin:0;padding:0;display:flex;flex-wrap:wrap;gap:3px;align-content:flex-start}
ul.legend{gap:.4rem 1rem;font-size:.95rem}
.cell{display:inline-block;min-width:1.75rem;padding:1px 3px;border:1px solid #5b6472;border-radius:4px;text-align:center;font-size:.85rem;color:#16191d;background:#eef0f3}
.complete.cell,.complete.box{background:#dff3e4;border-color:#2c7a4b}
.ready.cell,.ready.box{background:#dfeafc;border-color:#2f5fb3}
.blocked.cell,.blocked.box{background:#fdeed2;border-color:#9a6400}
.held.cell,.held.box{background:#efe5fb;border-color:#6b3fa8}
.failed.cell,.failed.box{background:#fbe0e0;border-color:#b02525}
ul.reasons{list-style:none;margin:0;padding:0}
ul.reasons li{display:flex;gap:.8rem;align-items:baseline;padding:.5rem 0;border-bottom:1px solid var(--line)}
ul.reasons .cell{flex:none;width:4.4rem}
.durations{border-collapse:collapse}
.durations th,.durations td{overflow-wrap:normal;padding:.3rem 1.2rem .3rem 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
.durations tbody th{font-weight:600;overflow-wrap:anywhere;min-width:8rem}
@media(max-width:40rem){.durations,.durations thead,.durations tbody{display:block;width:100%}.durations tr{display:grid;grid-template-columns:1fr 1fr 1fr;padding:.4rem 0;border-bottom:1px solid var(--line)}.durations th,.durations td{border:0;padding:0}.durations tbody th{grid-column:1/-1}.durations thead th:first-child{display:none}}
.durations small{display:block}
${GRAPH_STYLE}
`.trim();
