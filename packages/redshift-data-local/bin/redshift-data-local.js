#!/usr/bin/env node
// Plain JavaScript that old versions of Node can read. A checkout has the sources, and Node strips their types; the
// published package has only dist, because Node does not strip types below node_modules.
import { existsSync } from 'node:fs';

const NEEDED = [24, 4];
const [major, minor] = process.versions.node.split('.').map(Number);

if (major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1])) {
  console.error(
    `redshift-data-local needs Node ${NEEDED.join('.')} or newer. This is Node ${process.version}.`,
  );
  process.exitCode = 1;
} else {
  const source = new URL('../src/main.ts', import.meta.url);
  const built = new URL('../dist/src/main.js', import.meta.url);
  await import((existsSync(source) ? source : built).href);
}
