import { CONFORMANCE_HELP } from './command-help.ts';
import { readArguments } from './command-options.ts';
import { loadCases } from './conformance-case.ts';
import { reportAll } from './report-all.ts';
import { conformanceTarget } from './target.ts';

const PASSED = 0;
const FAILED = 1;
const MISUSED = 2;

/** `redshift-data-local conformance`. @returns the exit code. */
export async function runConformance(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    console.log(CONFORMANCE_HELP);
    return PASSED;
  }
  const read = readArguments(args, process.env);
  if ('problems' in read) {
    for (const problem of read.problems) console.error(problem);
    console.error('`redshift-data-local conformance --help` lists the options.');
    return MISUSED;
  }
  const { options, wanted } = read;
  const cases = await loadCases(wanted);
  if (cases.length === 0) {
    console.error(`No case has "${wanted}" in its name.`);
    return MISUSED;
  }
  const target = conformanceTarget({
    endpoint: options.endpoint,
    region: options.region,
    workgroup: options.workgroup,
    cluster: options.cluster,
    dbUser: options['db-user'],
    database: options.database,
    bucket: options.bucket,
    prefix: options.prefix,
    role: options.role,
    s3Endpoint: options['s3-endpoint'],
  });
  try {
    const failed = await reportAll(cases, target, options['at-once'], console.log);
    return failed === 0 ? PASSED : FAILED;
  } finally {
    target.close();
  }
}
