import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { bundleSources } from '../src/workers/bundle-sources.ts';
import { ENCODING } from '../src/workers/workflow-bundle.ts';

/**
 * `npm run build`: writes dist/ as the package ships it: JavaScript with declarations, and the workflows as one script.
 * `node bin/with-packages.js scripts/build.ts [directory]` writes it elsewhere.
 */

const root = join(import.meta.dirname, '..');
const out = resolve(process.argv[2] ?? join(root, 'dist'));
const tsc = join(root, 'node_modules/typescript/bin/tsc');
rmSync(out, { recursive: true, force: true });
execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', out], {
  cwd: root,
  stdio: 'inherit',
});
writeFileSync(join(out, 'workflows.js'), await bundleSources());
writeFileSync(join(out, 'workflows-encoding.js'), await bundleSources(ENCODING));
