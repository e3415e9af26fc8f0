import { writeFileSync } from 'node:fs';
import { cliPage } from './cli-page.ts';

/** `node src/cli/write-cli-page.ts`: regenerates docs/cli.md. */

writeFileSync(new URL('../../docs/cli.md', import.meta.url), cliPage());
