/**
 * `npm run conformance [-- part of a file's or case's name]`: runs the cases on a local stack started for them. Prints
 * one line per failure, then the counts. `redshift-data-local conformance` runs them on any other Redshift.
 */
import { loadCases } from '../../packages/redshift-data-local/conformance/conformance-case.ts';
import { reportAll } from '../../packages/redshift-data-local/conformance/report-all.ts';
import { startLocalTarget } from './local-target.ts';

const CASES_AT_ONCE = 8;

const wanted = process.argv[2] ?? '';
const cases = await loadCases(wanted);
if (cases.length === 0) {
  console.error(`No case has "${wanted}" in its name.`);
  process.exit(2);
}
const { target, stop } = await startLocalTarget(console.error);
try {
  const failed = await reportAll(cases, target, CASES_AT_ONCE, console.log);
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  target.close();
  await stop();
}
