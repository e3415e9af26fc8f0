/**
 * `npm run conformance [-- part of a file's or case's name]`: runs the cases on the Redshift the environment names, or
 * else on a local one started for it. Prints a line a failure; the last line counts.
 */
import { loadCases } from '../../packages/redshift-data-local/conformance/conformance-case.ts';
import { runAll } from '../../packages/redshift-data-local/conformance/run-all.ts';
import { targetOfEnvironment } from '../../packages/redshift-data-local/conformance/target.ts';
import { startLocalTarget } from './local-target.ts';

const wanted = process.argv[2]?.toLowerCase() ?? '';
const cases = (await loadCases()).filter(({ file, test }) =>
  `${file} ${test.name}`.toLowerCase().includes(wanted),
);
if (cases.length === 0) {
  console.error(`no case has "${wanted}" in its name`);
  process.exit(2);
}
const named = targetOfEnvironment(process.env);
const { target, stop } = named
  ? { target: named, stop: async () => {} }
  : await startLocalTarget((line) => console.error(line));
let failed = 0;
try {
  const atOnce = Number(process.env.CONFORMANCE_AT_ONCE ?? 8);
  for (const [{ file, test }, result] of runAll(cases, target, atOnce)) {
    const failures = await result;
    if (failures.length === 0) continue;
    failed++;
    console.log(`FAILED ${file}: ${test.name}: ${failures.join('; ')} [${test.source}]`);
  }
} finally {
  target.redshift.destroy();
  target.s3.destroy();
  await stop();
}
console.log(`${cases.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
