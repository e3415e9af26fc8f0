// `node scripts/build.js [directory]`: compiles the package to `directory` (dist), and copies what is read at run time.
import { execFileSync } from 'node:child_process';
import { cpSync, globSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';

const root = dirname(import.meta.dirname);
const out = resolve(process.argv[2] ?? join(root, 'dist'));
const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'));

rmSync(out, { recursive: true, force: true });
execFileSync(
  process.execPath,
  [join(typescript, 'bin/tsc'), '--project', join(root, 'tsconfig.build.json'), '--outDir', out],
  { stdio: 'inherit' },
);
for (const file of globSync(['src/**/*.sql', 'conformance/cases/*.json'], { cwd: root })) {
  cpSync(join(root, file), join(out, file));
}
