/**
 * `npm test`: the type check, the lints, the unit and the integration tests. All of them run, whatever fails;
 * the last line counts them together, a check as one.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

interface Outcome {
  passed: number;
  failed: number;
  skipped: number;
}

interface Step {
  title: string;
  /** Node's arguments. */
  arguments: string[];
  outcome(exitCode: number): Outcome;
}

const root = fileURLToPath(new URL('..', import.meta.url));
const reports = mkdtempSync(join(tmpdir(), 'tributary-run-'));

const check = (title: string, ...arguments_: string[]): Step => ({
  title,
  arguments: arguments_,
  outcome: (exitCode) => ({ passed: Number(exitCode === 0), failed: Number(exitCode !== 0), skipped: 0 }),
});

const tests = (project: string): Step => {
  const report = join(reports, `${project}.json`);
  const jest = [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    'node_modules/jest/bin/jest.js',
  ];
  return {
    title: `${project} tests`,
    arguments: [...jest, '--selectProjects', project, '--json', '--outputFile', report],
    outcome: (exitCode) => countTests(report, exitCode),
  };
};

const steps: Step[] = [
  check('types', 'node_modules/typescript/bin/tsc', '--noEmit'),
  check('format and lint', 'node_modules/@biomejs/biome/bin/biome', 'check', '.'),
  check('lint with types', 'node_modules/oxlint/bin/oxlint', '--type-aware'),
  tests('unit'),
  tests('integration'),
];

/** Jest's report; a file that could not run counts as one failure, and so does a run without a report. */
function countTests(report: string, exitCode: number): Outcome {
  try {
    const counted = JSON.parse(readFileSync(report, 'utf8')) as Record<string, number>;
    const number = (name: string) => counted[name] ?? 0;
    const failed = number('numFailedTests') + number('numRuntimeErrorTestSuites');
    return {
      passed: number('numPassedTests'),
      failed: failed === 0 && exitCode !== 0 ? 1 : failed,
      skipped: number('numPendingTests') + number('numTodoTests'),
    };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

function run(arguments_: string[]): Promise<number> {
  const child = spawn(process.execPath, ['--import', './test/end-with-parent.js', ...arguments_], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, TRIBUTARY_LAUNCHED: '1' },
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

const describe = ({ passed, failed, skipped }: Outcome) =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`;

try {
  const total: Outcome = { passed: 0, failed: 0, skipped: 0 };
  for (const step of steps) {
    const began = Date.now();
    console.log(`\n▶ ${step.title}`);
    const outcome = step.outcome(await run(step.arguments));
    const seconds = ((Date.now() - began) / 1000).toFixed(1);
    console.log(`${outcome.failed === 0 ? '✔' : '✘'} ${step.title}: ${describe(outcome)} (${seconds} s)`);
    for (const key of ['passed', 'failed', 'skipped'] as const) total[key] += outcome[key];
  }
  console.log(`\n${describe(total)}`);
  process.exitCode = total.failed === 0 ? 0 : 1;
} finally {
  rmSync(reports, { recursive: true, force: true });
}
