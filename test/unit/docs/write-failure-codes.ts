import { readFileSync, writeFileSync } from 'node:fs';
import { withFailureCodes } from './failure-codes.ts';

/** `node test/unit/docs/write-failure-codes.ts`: writes the table of failure codes in docs/operating.md. */

const file = new URL('../../../docs/operating.md', import.meta.url);
writeFileSync(file, withFailureCodes(readFileSync(file, 'utf8')));
