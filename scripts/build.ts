import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleSources } from '../src/workers/workflow-bundle.ts';

/** `npm run build`: dist/, as the package ships it: JavaScript with declarations, and the workflows in one script. */

const root = join(import.meta.dirname, '..');
rmSync(join(root, 'dist'), { recursive: true, force: true });
execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
});
await writeFile(join(root, 'dist', 'workflows.js'), await bundleSources());
