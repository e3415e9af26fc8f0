/**
 * `npm test`: the type check, the lints, the unit tests and the integration tests. All steps run, even if one fails. The
 * last line is their total; a check counts as one test.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

interface Step {
  title: string;
  /** Node's arguments. A step that reports no counts is a check. */
  arguments: string[];
}

const jest = (project: string): string[] => [
  ...['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'],
  ...['--selectProjects', project, '--ci', '--reporters=default', '--reporters=./test/count-reporter.js'],
];

const steps: Step[] = [
  { title: 'types', arguments: ['node_modules/typescript/bin/tsc', '--noEmit'] },
  { title: 'format and lint', arguments: ['node_modules/@biomejs/biome/bin/biome', 'check', '.'] },
  { title: 'lint with types', arguments: ['node_modules/oxlint/bin/oxlint', '--type-aware'] },
  { title: 'unused code', arguments: ['node_modules/knip/bin/knip.js', '--no-progress'] },
  { title: 'vocabulary', arguments: ['test/vocabulary/check.ts'] },
  { title: 'unit tests', arguments: jest('unit') },
  { title: 'integration tests', arguments: jest('integration') },
];

/** Runs a step, which also ends if this process is killed. */
function run(step: Step): Promise<Counts> {
  const child = spawn(process.execPath, ['--import', './test/end-with-parent.js', ...step.arguments], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  let counts: Counts | undefined;
  child.on('message', (reported: Counts) => {
    counts = reported;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) return resolve(counts ?? { passed: 1, failed: 0, skipped: 0 });
      // A failure outside the tests, as in the setup, counts as one.
      const { passed, failed, skipped } = counts ?? { passed: 0, failed: 0, skipped: 0 };
      return resolve({ passed, failed: Math.max(failed, 1), skipped });
    });
  });
}

const describe = ({ passed, failed, skipped }: Counts) =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`;

const total: Counts = { passed: 0, failed: 0, skipped: 0 };
for (const step of steps) {
  const began = Date.now();
  console.log(`\n▶ ${step.title}`);
  const counts = await run(step);
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  console.log(`${counts.failed === 0 ? '✔' : '✘'} ${step.title}: ${describe(counts)} (${seconds} s)`);
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped += counts.skipped;
}
console.log(`\n${describe(total)}`);
process.exitCode = total.failed === 0 ? 0 : 1;
