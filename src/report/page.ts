import { createHash } from 'node:crypto';
import { Html, html } from './html.ts';

/** A page of Tributary: one HTML file that makes no request and works without its script. */
export interface Page {
  readonly title: string;
  readonly style: string;
  readonly script: string;
  /** What is between `<body>` and its script. */
  readonly body: Html;
}

/** The document. Nothing may be loaded, sent or framed: only this style and this script are allowed. */
export function htmlPage({ title, style, script, body }: Page): string {
  const policy = [
    "default-src 'none'",
    `style-src '${hashOf(style)}'`,
    `script-src '${hashOf(script)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Html(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>${new Html(style)}</style>
</head>
<body>
${body}
${
  script === ''
    ? ''
    : html`<script>${new Html(script)}</script>
`
}</body>
</html>
`.text;
}

/** A section of a page: its id, its title and what it shows. */
export type Section = readonly [id: string, title: string, body: Html];

/** Links to the sections, and the sections. */
export function pageSections(sections: readonly Section[]): Html {
  return html`<nav aria-label="Sections">${sections.map(([id, title]) => html`<a href="#${id}">${title}</a>`)}</nav>
<main>
${sections.map(
  ([
    id,
    title,
    body,
  ]) => html`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>
${body}
</section>
`,
)}</main>`;
}

/** A link to another of the pages that `tributary docs` writes, or to the Web UI. */
export const link = (href: string, text: string | Html): Html => html`<a href="${href}">${text}</a>`;

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}`;
}
