#!/usr/bin/env node
// The command line's entry. Plain JavaScript that old Node versions can run: it installs what is missing and
// then goes on in src/cli/main.ts, on Node 24.
import { installPackages } from './install-packages.js';
import { runOnNode24 } from './run-on-node-24.js';

if (await installPackages({ withDevelopment: false })) {
  await runOnNode24(import.meta.url, 'src/cli/main.ts', process.argv.slice(2));
}
