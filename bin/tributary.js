#!/usr/bin/env node
// The command line's entry. Plain JavaScript that old Node versions can run. In a checkout it installs what is missing
// and runs the sources; installed, it runs what the build made of them, and installs nothing.
import { existsSync } from 'node:fs';
import { runOnNode24 } from './run-on-node-24.js';

const words = process.argv.slice(2);
if (!existsSync(new URL('../src/cli/main.ts', import.meta.url))) {
  await runOnNode24(import.meta.url, 'dist/src/cli/main.js', words);
} else {
  // Not part of the published package.
  const { installPackages } = await import('./install-packages.js');
  if (await installPackages({ withDevelopment: false })) {
    await runOnNode24(import.meta.url, 'src/cli/main.ts', words);
  }
}
