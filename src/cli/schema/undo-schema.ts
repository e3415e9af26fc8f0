import { SqlName } from '../../pipeline/mapping/mapping.ts';
import type { AgreedSchema } from '../../pipeline/schema/agreed-schema.ts';
import {
  forget,
  goneFor,
  ImpossibleChange,
  removedLines,
  rename,
  resetSchema,
} from '../../pipeline/schema/change-schema.ts';
import { diffLines, diffSchemas } from '../../pipeline/schema/drift.ts';
import { begun, epochOf } from '../../pipeline/schema/epoch.ts';
import { agreedSchema, findSchema } from '../../store/agreed-schema-file.ts';
import { amend } from '../../store/bookmark.ts';
import { type PipelineStore, pipelineStore } from '../temporal/pipeline-store.ts';
import { ask } from '../terminal/ask.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { counted } from '../terminal/measures.ts';
import { paletteFor } from '../terminal/palette.ts';

/** `schema forget`, `rename` and `reset`: they change the agreed schema in S3, and the warehouse follows with the next run. */

export interface UndoOptions {
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly destination?: string;
  readonly json?: boolean;
  readonly config?: string;
}

type Change = (schema: AgreedSchema, nowMs: number) => AgreedSchema;

/** @param names tables and columns; or, with `gone`, everything without a value in so many runs */
export async function forgetNames(
  pipeline: string,
  names: readonly string[],
  options: UndoOptions & { readonly gone?: number },
): Promise<ExitCode> {
  const { gone } = options;
  if (names.length === 0 && gone === undefined)
    throw usage('Name what to forget, e.g. orders.total, or use --gone <runs>.');
  return change(
    await pipelineStore(pipeline, options.config, options.destination),
    options,
    (schema, nowMs) => {
      const all = [...names, ...(gone === undefined ? [] : goneFor(schema, gone))];
      if (all.length === 0)
        throw new ImpossibleChange(
          `Nothing has been without a value for ${counted(gone ?? 0, 'run')} in a row.`,
        );
      return forget(schema, all, nowMs);
    },
  );
}

export async function renameName(
  pipeline: string,
  from: string,
  to: string,
  options: UndoOptions,
): Promise<ExitCode> {
  const name = SqlName.safeParse(to);
  if (!name.success) throw usage(`"${to}" is not a valid name: expected ${name.error.issues[0]?.message}.`);
  const at = await pipelineStore(pipeline, options.config, options.destination);
  return change(at, options, (schema, nowMs) => rename(schema, at.definition.mapping, { from, to }, nowMs));
}

export async function resetAll(pipeline: string, options: UndoOptions): Promise<ExitCode> {
  return change(await pipelineStore(pipeline, options.config, options.destination), options, resetSchema);
}

async function change(at: PipelineStore, options: UndoOptions, apply: Change): Promise<ExitCode> {
  const { pipeline, store } = at;
  const before = begun(await findSchema(store, at));
  if (before === undefined) throw usage(`${pipeline} has no agreed schema, so there is nothing to change.`);
  const planned = explained(() => apply(before, Date.now()));
  const lines = changeLines(before, planned);
  const out = options.json ? process.stderr : process.stdout;
  for (const line of lines) out.write(`  ${line}\n`);
  out.write(`${consequence(pipeline, planned)}\n`);
  if (!options.dryRun) {
    if (!(await isWanted(pipeline, options))) return ExitCode.usage;
    const done = await amend(agreedSchema(store, at), (current) => {
      // Repeated on its own result, if the response to the write was lost.
      if (epochOf(current) === epochOf(planned) && current?.changedBy === planned.changedBy) return current;
      if (current?.revision !== before.revision)
        throw usage(`The agreed schema of ${pipeline} has just changed. Look at it and try again.`);
      return explained(() => apply(current, Date.now()));
    });
    const { green } = paletteFor(out);
    out.write(`${green('✓')} revision ${done?.revision}, epoch ${epochOf(done)}\n`);
  }
  if (options.json) {
    const { revision } = planned;
    const result = { pipeline, epoch: epochOf(planned), revision, changes: lines };
    process.stdout.write(`${JSON.stringify({ ...result, dryRun: options.dryRun ?? false })}\n`);
  }
  return ExitCode.done;
}

const changeLines = (before: AgreedSchema, after: AgreedSchema): string[] => [
  ...removedLines(before, after),
  ...diffLines(diffSchemas(before, after)),
];

const consequence = (pipeline: string, planned: AgreedSchema): string =>
  `Begins epoch ${epochOf(planned)} of the agreed schema of ${pipeline}. The warehouse follows with the next run, and so must its ` +
  'readers. Runs that are already planned but not sealed can no longer be sealed.';

async function isWanted(pipeline: string, { yes = false }: UndoOptions): Promise<boolean> {
  if (yes) return true;
  const answer = await ask(`Change the agreed schema of ${pipeline}?`);
  if (answer === undefined)
    throw usage('Nothing was changed: without a terminal, the command cannot ask. Use --yes or --dry-run.');
  if (!answer) process.stderr.write('Nothing was changed.\n');
  return answer;
}

function explained<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof ImpossibleChange ? usage(error.message) : error;
  }
}

const usage = (message: string) => new CommandError(ExitCode.usage, message);
