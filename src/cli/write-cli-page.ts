import { writeFileSync } from 'node:fs';
import { cliPage } from './cli-page.ts';

/** `node src/cli/write-cli-page.ts`: writes docs/cli.md anew. */

writeFileSync(new URL('../../docs/cli.md', import.meta.url), cliPage());
