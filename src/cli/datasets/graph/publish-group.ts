import { configPath, readConfig } from '../../../config/read-config.ts';
import type {
  ExplainedPartition,
  ExplainPartitionInput,
  PublishGroupInput,
  PublishGroupResult,
} from '../../../contract/datasets/graph.ts';
import { CONTROL_TASK_QUEUE } from '../../../contract/refresh.ts';
import { didYouMean } from '../../../pipeline/text/nearest.ts';
import { generation as generationFile } from '../../../store/datasets/dataset-documents.ts';
import { findDocument } from '../../../store/document.ts';
import { withTemporal } from '../../temporal/command-context.ts';
import { newRunName } from '../../temporal/run-name.ts';
import { CommandError, ExitCode } from '../../terminal/exit-code.ts';
import { onInterrupt } from '../../terminal/interrupt.ts';
import { TRIBUTARY } from '../../terminal/invocation.ts';
import { count, counted } from '../../terminal/measures.ts';
import { partitionHere } from '../partition/generation-here.ts';
import { recompute } from '../partition/recompute.ts';
import { resultOf } from '../result-of.ts';

export interface PublishOptions {
  /** `<dataset>` or `<dataset>/<partition>`. */
  readonly accept?: readonly string[];
  readonly reason?: string;
  readonly json?: boolean;
  readonly config?: string;
}

/** `tributary dataset publish`: a group of datasets appears together. */
export async function publishGroup(publication: string, options: PublishOptions): Promise<ExitCode> {
  const { accept = [], reason, json = false, config } = options;
  const file = configPath(config);
  const { publications } = await readConfig(file);
  if (!Object.hasOwn(publications, publication))
    throw new CommandError(
      ExitCode.usage,
      `No publication "${publication}" in ${file}${didYouMean(publication, Object.keys(publications))}.`,
    );
  if (accept.length > 0 && (reason === undefined || reason.trim() === ''))
    throw new CommandError(ExitCode.usage, 'Say why with --reason: the explanation of the report has it.');
  const input: PublishGroupInput = {
    publication,
    ...(accept.length === 0
      ? {}
      : { accept: accept.map((text) => ({ ...memberOf(text), reason: reason ?? '' })) }),
  };
  return withTemporal(config, async (client) => {
    const handle = await client.workflow.start('publishGroup', {
      ...{
        workflowId: `publish/${publication}/${newRunName()}`,
        taskQueue: CONTROL_TASK_QUEUE,
        args: [input],
      },
      memo: { command: TRIBUTARY },
    });
    const result = await resultOf(() => handle.result() as Promise<PublishGroupResult>);
    process.stdout.write(json ? `${JSON.stringify(result)}\n` : `${publishedText(result)}\n`);
    return result.incomplete.length > 0 ? ExitCode.failed : ExitCode.done;
  });
}

/** `<dataset>` or `<dataset>/<partition>`. */
export function memberOf(text: string): { dataset: string; partition?: string } {
  const [dataset = '', partition] = text.split('/');
  return { dataset, ...(partition === undefined ? {} : { partition }) };
}

export function publishedText({ publication, number, isNew, incomplete }: PublishGroupResult): string {
  const what = number === undefined ? 'nothing is published yet' : `publication ${number}`;
  if (incomplete.length === 0)
    return isNew ? `${publication}: published, as number ${number}` : `${publication}: unchanged, ${what}`;
  return [
    `${publication}: stays as it was (${what}), because of`,
    ...incomplete.map(({ dataset, partition, reason }) => `  ${dataset} ${partition}: ${reason}`),
  ].join('\n');
}

export interface ExplainOptions {
  /** `<publication>/<number>`. */
  readonly publication?: string;
  /** `7-<id>`, or `7`. */
  readonly generation?: string;
  /** Run the recorded step over the recorded inputs. */
  readonly recompute?: boolean;
  readonly json?: boolean;
  readonly config?: string;
}

/** `tributary dataset explain`: what a published partition was built from. */
export async function explainPartition(
  dataset: string,
  partition: string,
  { publication, generation, recompute: isRecomputed = false, json = false, config }: ExplainOptions,
): Promise<ExitCode> {
  const [name = '', number] = publication?.split('/') ?? [];
  const input: ExplainPartitionInput = {
    ...{ dataset, partition },
    ...(publication === undefined ? {} : { publication: { name, number: Number(number) } }),
    ...(generation === undefined ? {} : { generation }),
  };
  return withTemporal(config, async (client) => {
    const handle = await client.workflow.start('explainPartition', {
      ...{ workflowId: `explain/${dataset}/${newRunName()}`, taskQueue: CONTROL_TASK_QUEUE, args: [input] },
      memo: { command: TRIBUTARY },
    });
    const result = await resultOf(() => handle.result() as Promise<ExplainedPartition>);
    const files = result.files === undefined ? undefined : await filesOfSource(result, config);
    const isSame = isRecomputed ? await recomputed(result, config) : undefined;
    const more = isSame === undefined ? {} : { recomputed: isSame ? 'same' : 'other' };
    process.stdout.write(
      json
        ? `${JSON.stringify({ ...result, ...(files !== undefined && { files }), ...more })}\n`
        : explanation(result, files) + recomputedText(isSame),
    );
    return isSame === false ? ExitCode.failed : ExitCode.done;
  });
}

async function recomputed(
  { dataset, partition, generation, id }: ExplainedPartition,
  config: string | undefined,
): Promise<boolean> {
  const interrupt = onInterrupt();
  try {
    return await recompute(
      dataset,
      partition,
      { generation: `${generation}-${id}`, config },
      interrupt.signal,
    );
  } finally {
    interrupt.release();
  }
}

function recomputedText(isSame: boolean | undefined): string {
  if (isSame === undefined) return '';
  return isSame
    ? '  recomputed from these: the same rows\n'
    : '  recomputed from these: other rows, so the step depends on something else than its inputs\n';
}

/** Files of a source that are printed; JSON has all. */
const FILES_SHOWN = 20;

/** The files that a source's generation has rows of, if it is still there. A result of a workflow could not hold them. */
async function filesOfSource(
  { dataset, partition, generation: number, id }: ExplainedPartition,
  config: string | undefined,
): Promise<readonly string[] | undefined> {
  const interrupt = onInterrupt();
  try {
    const { signal } = interrupt;
    const { definition, files, path } = await partitionHere(dataset, partition, config, signal);
    if (!('source' in definition)) return undefined;
    const found = await findDocument(generationFile(files, path, { generation: number, id }), signal);
    return found?.inputs.map(({ key }) => `s3://${definition.source.bucket}/${key}`).toSorted();
  } finally {
    interrupt.release();
  }
}

export function explanation(found: ExplainedPartition, names: readonly string[] = []): string {
  const { dataset, partition, generation, id, rows, builtAt, code, files, accepted } = found;
  return [
    `${dataset} ${partition}: generation ${generation}-${id}, ${counted(rows, 'row')}`,
    ...(files === undefined ? [] : [`  of ${counted(files, 'file')}${names.length === 0 ? '' : ':'}`]),
    ...names.slice(0, FILES_SHOWN).map((name) => `    ${name}`),
    ...(names.length > FILES_SHOWN ? [`    and ${count(names.length - FILES_SHOWN)} more: --json`] : []),
    ...(builtAt === undefined ? [] : [`  built at ${builtAt} by version ${code} of its step`]),
    ...(accepted === undefined ? [] : [`  accepted although it was not complete: ${accepted}`]),
    ...(found.warnings ?? []).map((warning) => `  check that did not hold: ${warning}`),
    ...(found.inputs.length === 0 ? [] : [`  from ${counted(found.inputs.length, 'partition')}:`]),
    ...found.inputs.map(
      (input) =>
        `    ${input.dataset} ${input.partition}: ${input.version ?? `generation ${input.generation}-${input.id}`}` +
        `${input.isReference ? ', reference' : ''}${input.isSuperseded ? ', superseded since' : ''}`,
    ),
    '',
  ].join('\n');
}
