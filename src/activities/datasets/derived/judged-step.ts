import { createHash } from 'node:crypto';
import { Terminal } from '../../../clients/errors.ts';
import type { DerivedDefinition } from '../../../pipeline/datasets/derived/definition.ts';
import { type JudgedStep, judgeStep } from '../../../pipeline/datasets/derived/judge-step.ts';
import { stepProblems } from '../../../pipeline/datasets/derived/step-problems.ts';
import { stepVersion } from '../../../pipeline/datasets/derived/step-version.ts';
import type { Dependencies } from '../../runtime/dependencies.ts';
import { checksOf } from '../partition-checks.ts';
import { inStepDirectory } from '../step-directory.ts';

/** A step that may run. */
export type Step = SqlStep | FunctionStep;

export interface SqlStep {
  readonly sql: string;
  readonly version: string;
}

/** A module and all that it imports, as one script. */
export interface FunctionStep {
  readonly bundle: string;
  /** The module's path. */
  readonly file: string;
  readonly version: string;
}

export type StepDependencies = Pick<
  Dependencies,
  'stepText' | 'checksFile' | 'tableEngine' | 'recordModules'
>;

/** Parsing takes a process: each text is parsed once by this one. */
const judged = new Map<string, JudgedStep>();

/**
 * Reads the step of a derived dataset and judges it.
 * @throws Terminal `StepInvalid` with all that is wrong; `ModuleUnusable`
 */
export async function judgedStep(
  deps: StepDependencies,
  name: string,
  definition: DerivedDefinition,
  signal: AbortSignal,
): Promise<Step> {
  await checksOf(deps, definition, Object.keys(definition.columns));
  const rules = await ruleVersions(deps, definition);
  if (definition.function !== undefined) {
    const code = await deps.recordModules.bundleOf(definition.function);
    return { ...code, version: stepVersion(hashOf(code.bundle), definition, rules) };
  }
  const { sql: path = '', engine } = definition;
  const sql = await deps.stepText(path);
  const known = `${engine} ${sql}`;
  const step = judged.get(known) ?? (await judge(deps, { sql, engine }, signal));
  judged.set(known, step);
  const problems = stepProblems(step, definition);
  if (problems.length > 0)
    throw new Terminal('StepInvalid', `${path} cannot be the step of ${name}: ${problems.join('; ')}.`);
  return { sql, version: stepVersion(step.tree, definition, rules) };
}

/** By path. */
async function ruleVersions(
  { recordModules }: StepDependencies,
  { inputs, reference }: DerivedDefinition,
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const rule of [...Object.values(inputs), ...Object.values(reference)])
    if (typeof rule !== 'string')
      found.set(rule.rule, hashOf((await recordModules.bundleOf(rule.rule)).bundle));
  return found;
}

const hashOf = (bundle: string) => createHash('sha256').update(bundle).digest('hex');

const judge = (
  { tableEngine }: StepDependencies,
  { sql, engine }: { readonly sql: string; readonly engine: DerivedDefinition['engine'] },
  signal: AbortSignal,
) =>
  inStepDirectory(async (directory) =>
    judgeStep(await tableEngine.parseTree({ sql, directory }, { signal }), engine),
  );
