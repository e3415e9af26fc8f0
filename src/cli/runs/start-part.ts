import type { Client } from '@temporalio/client';
import {
  type ExtractSegmentInput,
  type LoadTableInput,
  loadWorkflowId,
  refreshWorkflowId,
  type SegmentResult,
  segmentWorkflowId,
  type TableResult,
} from '../../contract/refresh.ts';
import type { PipelineDefinition } from '../../pipeline/definition/pipeline-definition.ts';
import { paddedNumber } from '../../pipeline/run/run-directory.ts';
import { findRunOf } from '../observe/find-run.ts';
import { withTemporal } from '../temporal/command-context.ts';
import { begin, resultOf, type Work } from '../temporal/perform.ts';
import { pipelineInput } from '../temporal/pipeline-of.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { type Interrupt, onInterrupt } from '../terminal/interrupt.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { byteSize, counted } from '../terminal/measures.ts';
import { paletteFor } from '../terminal/palette.ts';
import { refuseUnknownPart } from './refuse-unknown-part.ts';
import { refuseUnknownRun } from './refuse-unknown-run.ts';
import type { RunOptions } from './start-run.ts';

type Part = Work<ExtractSegmentInput | LoadTableInput>;

/** Whether the options ask for part of a run, not for a whole run. */
export const isPart = ({ segment, table }: RunOptions): boolean =>
  segment !== undefined || table !== undefined;

/**
 * Starts the extraction of single segments or the load of one table, under the id that each has as a child of its run.
 * A run that waits for it is notified when it is done, and continues.
 */
export async function startPart(pipeline: string, options: RunOptions): Promise<ExitCode> {
  const run = refuseWrongPart(options);
  const input = await pipelineInput(pipeline, options.config, options.destination, true);
  return withTemporal(options.config, async (client) => {
    const parent = (await findRunOf(client, pipeline, run)) ?? refreshWorkflowId(pipeline, run);
    const { table, segment: segments = [] } = options;
    await refuseUnknownPart(client, parent, { ...input, run, table, segments }, options.config);
    await refuseUnknownRun(client, { ...input, run }, options.config);
    const parts = partsOf(input, run, parent, options);
    const { json = false, wait = false } = options;
    const out = json ? process.stderr : process.stdout;
    // From the first request on, Ctrl-C says what happens to it.
    const interrupt = wait ? onInterrupt() : undefined;
    for (const part of parts) {
      const { summary, workflowId } = part;
      await begin(client, part);
      // Print this before the next part, which may be refused.
      out.write(`Started: ${summary}\n  workflow ${workflowId}\n`);
      if (json && !wait) print({ workflowId });
    }
    if (interrupt !== undefined) await printResults(client, parts, json, interrupt);
    return ExitCode.done;
  });
}

/** @returns the run's name. @throws CommandError if the options contradict each other. */
function refuseWrongPart({
  from,
  to,
  run,
  segment,
  table,
  segments,
  older,
  acceptDrift,
}: RunOptions): string {
  const wrong = (message: string) => new CommandError(ExitCode.usage, message);
  const wanted = table === undefined ? 'extract' : 'load';
  if (from !== wanted) {
    throw wrong(
      table === undefined
        ? '--segment needs --from extract, or --from load with --table <table>.'
        : '--table needs --from load.',
    );
  }
  if (to !== undefined && to !== wanted) throw wrong(`Part of a run ends with ${wanted}: omit --to.`);
  if (segments !== undefined || older || acceptDrift)
    throw wrong('--segments, --older and --accept-drift are for whole runs, not for part of one.');
  if (run === undefined)
    throw wrong(`A part belongs to an existing run: name it with --run. List the runs: ${TRIBUTARY} runs`);
  if (table === undefined && segment?.length === 0) throw wrong('--segment needs a number.');
  return run;
}

function partsOf(
  {
    pipeline,
    definition,
  }: { readonly pipeline: string; readonly definition?: PipelineDefinition | undefined },
  run: string,
  parent: string,
  { table, segment: segments = [] }: RunOptions,
): Part[] {
  const staging =
    definition === undefined
      ? {}
      : { staging: { bucket: definition.staging.bucket, prefix: definition.staging.prefix } };
  if (table === undefined) {
    return segments.map((segment) => ({
      type: 'extractSegment',
      workflowId: segmentWorkflowId(parent, segment),
      input: { pipeline, run, segment, parent, ...staging },
      summary: `extract segment ${segment} of ${pipeline} ${run}`,
    }));
  }
  const some = segments.length > 0;
  const numbers = segments.map(paddedNumber).join('-');
  return [
    {
      type: 'loadTable',
      // A load of some segments only is not the one that the run waits for.
      workflowId: `${loadWorkflowId(parent, table)}${some ? `-segments-${numbers}` : ''}`,
      input: {
        pipeline,
        run,
        table,
        ...staging,
        ...(definition === undefined ? {} : { warehouse: definition.warehouse }),
        ...(some ? { segments } : { parent }),
      },
      summary: `load table ${table}${some ? ` of segments ${segments.join(', ')}` : ''} of ${pipeline} ${run}`,
    },
  ];
}

async function printResults(
  client: Client,
  parts: readonly Part[],
  json: boolean,
  interrupt: Interrupt,
): Promise<void> {
  const colours = paletteFor(json ? process.stderr : process.stdout);
  for (const { workflowId, summary } of parts) {
    const result = await resultOf<SegmentResult | TableResult>(client, workflowId, { interrupt });
    const rows = 'table' in result ? counted(result.rows, 'row') : counted(result.items, 'item');
    const line = `${colours.green('✓')} ${summary}: ${rows}, ${byteSize(result.bytes)}\n`;
    (json ? process.stderr : process.stdout).write(line);
    if (json) print(result);
  }
}

const print = (value: object) => process.stdout.write(`${JSON.stringify(value)}\n`);
