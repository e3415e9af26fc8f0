import { readFileSync, writeFileSync } from 'node:fs';
import { configurationPage } from './configuration-page.ts';

/** `node src/config/write-configuration-page.ts`: regenerates docs/configuration.md. */

const project = new URL('../../', import.meta.url);
const example = readFileSync(new URL('tributary.yaml', project), 'utf8');
writeFileSync(new URL('docs/configuration.md', project), configurationPage(example));
