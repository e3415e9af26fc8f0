import type { GlueClient } from '@aws-sdk/client-glue';
import type { GlueCase } from './glue-case.ts';
import { runGlueCase } from './run-glue-case.ts';

/**
 * Runs cases and prints one line per outcome that is not the recorded one, then the counts.
 * @param isMoto cases that record how moto differs must fail
 * @returns how many outcomes were not as recorded
 */
export async function reportGlueCases(
  cases: readonly GlueCase[],
  client: GlueClient,
  isMoto: boolean,
  print: (line: string) => void,
): Promise<number> {
  let [passed, differed, wrong] = [0, 0, 0];
  for (const each of cases) {
    const { name, source, moto } = each;
    const failure = await runGlueCase(each, client);
    const isExpectedToFail = isMoto && moto !== undefined;
    if (failure === undefined && !isExpectedToFail) passed++;
    else if (failure !== undefined && isExpectedToFail) differed++;
    else wrong++;
    if (failure === undefined && isExpectedToFail) print(`AGREES NOW ${name}: recorded is that moto ${moto}`);
    if (failure !== undefined && !isExpectedToFail) print(`FAILED ${name}: ${failure} [${source}]`);
  }
  print(`${passed} passed${isMoto ? `, ${differed} differ as recorded` : ''}, ${wrong} failed`);
  return wrong;
}
