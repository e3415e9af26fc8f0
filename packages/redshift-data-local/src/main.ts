import { runConformance } from '../conformance/command.ts';
import { HELP } from './cli/help.ts';
import { serve } from './cli/serve.ts';
import { packageVersion } from './cli/version.ts';

const [first, ...rest] = process.argv.slice(2);
if (first === 'conformance') process.exitCode = await runConformance(rest);
else if (first === '--help' || first === '-h') console.log(HELP);
else if (first === '--version') console.log(packageVersion());
else await serve(process.argv.slice(2));
