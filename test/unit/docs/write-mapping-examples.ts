import { readFileSync, writeFileSync } from 'node:fs';
import { EXAMPLES_TITLE, mappingExamples } from './mapping-examples.ts';

/** `node test/unit/docs/write-mapping-examples.ts`: rewrites the examples at the end of docs/mapping.md. */

const file = new URL('../../../docs/mapping.md', import.meta.url);
const page = readFileSync(file, 'utf8');
const at = page.indexOf(`## ${EXAMPLES_TITLE}`);
writeFileSync(
  file,
  `${at < 0 ? `${page.trimEnd()}\n\n` : page.slice(0, at)}${mappingExamples().trimEnd()}\n`,
);
