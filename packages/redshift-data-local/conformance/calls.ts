import * as api from '@aws-sdk/client-redshift-data';
import type { ConformanceCase } from './conformance-case.ts';
import { fillIn } from './fill-in.ts';
import { differences } from './match.ts';
import type { ConformanceTarget } from './target.ts';

type Call = NonNullable<ConformanceCase['calls']>[number];
const LONGEST_WAIT_SECONDS = 30;
const TAKES_TARGET = new Set(
  'ExecuteStatement BatchExecuteStatement ListTables ListSchemas ListDatabases DescribeTable'.split(' '),
);
const commands = api as unknown as Record<string, new (input: object) => object>;

/** Makes the calls of a case in order and compares their answers. Answers are added to `names`. */
export async function runCalls(
  calls: readonly Call[],
  names: Map<string, unknown>,
  target: ConformanceTarget,
): Promise<string[]> {
  const failures: string[] = [];
  for (const [index, written] of calls.entries()) {
    const call = fillIn(written, names) as Call;
    const place = `call ${index + 1} (${call.operation})`;
    const Command = commands[`${call.operation}Command`];
    if (Command === undefined) return [`${place}: the SDK has no such operation`];
    const input = { ...(call.target && TAKES_TARGET.has(call.operation) ? target.where : {}), ...call.input };
    const send = () => target.redshift.send(new Command(input) as never) as Promise<object>;
    let answer: unknown;
    let error: Error | undefined;
    const deadline = Date.now() + LONGEST_WAIT_SECONDS * 1000;
    do {
      try {
        answer = await send();
        error = undefined;
      } catch (thrown) {
        error = thrown as Error;
      }
    } while (
      call.until !== undefined &&
      (error || differences(answer, call.until).length > 0) &&
      Date.now() < deadline
    );
    if (call.as !== undefined) names.set(call.as, answer);
    failures.push(...judge(call, answer, error).map((failure) => `${place}: ${failure}`));
    // Later calls refer to this answer.
    if (failures.length > 0) return failures;
  }
  return failures;
}

function judge(call: Call, answer: unknown, error: Error | undefined): string[] {
  if (call.error !== undefined) {
    if (error === undefined) return [`it should be refused with ${call.error.name}, but was accepted`];
    if (error.name !== call.error.name)
      return [
        `it should be refused with ${call.error.name}, but was refused with ${error.name}: ${error.message}`,
      ];
    if (call.error.message !== undefined && !error.message.includes(call.error.message))
      return [`the error's message is "${error.message}", without "${call.error.message}"`];
    return [];
  }
  if (error !== undefined) return [`it was refused with ${error.name}: ${error.message}`];
  return [
    ...(call.until === undefined ? [] : differences(answer, call.until)),
    ...(call.expect === undefined ? [] : differences(answer, call.expect)),
  ];
}
