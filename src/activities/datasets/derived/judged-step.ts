import { Terminal } from '../../../clients/errors.ts';
import type { DerivedDefinition } from '../../../pipeline/datasets/derived/definition.ts';
import { type JudgedStep, judgeStep } from '../../../pipeline/datasets/derived/judge-step.ts';
import { stepVersion } from '../../../pipeline/datasets/derived/step-version.ts';
import type { Dependencies } from '../../runtime/dependencies.ts';
import { inStepDirectory } from '../step-directory.ts';

/** A step that may run. */
export interface Step {
  readonly sql: string;
  readonly version: string;
}

/** Parsing takes a process: each text is parsed once by this one. */
const judged = new Map<string, JudgedStep>();

/**
 * Reads the SQL of a derived dataset and judges it.
 * @throws Terminal `StepInvalid` with all that is wrong
 */
export async function judgedStep(
  deps: Pick<Dependencies, 'stepText' | 'tableEngine'>,
  name: string,
  definition: DerivedDefinition,
  signal: AbortSignal,
): Promise<Step> {
  const sql = await deps.stepText(definition.sql);
  const step = judged.get(sql) ?? (await judge(deps, sql, signal));
  judged.set(sql, step);
  const inputs = new Set([...Object.keys(definition.inputs), ...Object.keys(definition.reference)]);
  const unknown = step.tables.filter((table) => !inputs.has(table));
  const problems = [
    ...step.problems,
    ...unknown.map((table) => `${table} is neither among its inputs nor defined by WITH`),
  ];
  if (problems.length > 0)
    throw new Terminal(
      'StepInvalid',
      `${definition.sql} cannot be the step of ${name}: ${problems.join('; ')}.`,
    );
  return { sql, version: stepVersion(step.tree, definition) };
}

const judge = ({ tableEngine }: Pick<Dependencies, 'tableEngine'>, sql: string, signal: AbortSignal) =>
  inStepDirectory(async (directory) =>
    judgeStep(await tableEngine.parseTree({ sql, directory }, { signal })),
  );
