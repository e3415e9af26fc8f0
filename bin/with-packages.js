#!/usr/bin/env node
// `node bin/with-packages.js <script.ts> …` runs a script of this project with npm packages and Node 24 in
// place, whatever the machine has.
import { installPackages } from './install-packages.js';
import { runOnNode24 } from './run-on-node-24.js';

const [script, ...rest] = process.argv.slice(2);
if (script === undefined) {
  console.error('usage: node bin/with-packages.js <script.ts> [argument …]');
  process.exitCode = 2;
} else if (await installPackages({ withDevelopment: true })) {
  await runOnNode24(import.meta.url, script, rest);
}
