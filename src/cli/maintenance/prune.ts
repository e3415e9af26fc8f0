import { type PruneRunsInput, type PruneRunsResult, pruneWorkflowId } from '../../contract/maintenance.ts';
import { withTemporal } from '../temporal/command-context.ts';
import { perform } from '../temporal/perform.ts';
import { pipelineInput } from '../temporal/pipeline-of.ts';
import { ExitCode } from '../terminal/exit-code.ts';
import { byteSize, count, counted } from '../terminal/measures.ts';
import { type Palette, paletteFor } from '../terminal/palette.ts';
import { textTable } from '../terminal/text-table.ts';

export interface PruneOptions {
  readonly destination?: string;
  readonly keep?: number;
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly config?: string;
}

/** Asks a worker to prune a pipeline's runs, and prints what it deleted. One prune per pipeline at a time. */
export async function prune(pipeline: string, options: PruneOptions): Promise<ExitCode> {
  const { keep, dryRun } = options;
  const input: PruneRunsInput = {
    ...(await pipelineInput(pipeline, options.config, options.destination)),
    ...(keep === undefined ? {} : { keep }),
    ...(dryRun === undefined ? {} : { dryRun }),
  };
  const result = await withTemporal(options.config, async (client) => {
    const workflowId = pruneWorkflowId(pipeline);
    const work = { type: 'pruneRuns', workflowId, input, summary: `prune the runs of ${pipeline}` };
    return perform<PruneRunsResult, PruneRunsInput>(client, work, { readOnly: dryRun ?? false });
  });
  process.stdout.write(
    options.json
      ? `${JSON.stringify(result)}\n`
      : `${lines(result, paletteFor(process.stdout)).join('\n')}\n`,
  );
  return ExitCode.done;
}

function lines({ deleted, kept, uploads, bytes, dryRun }: PruneRunsResult, colours: Palette): string[] {
  const did = dryRun ? 'Would delete' : 'Deleted';
  const table = (titles: [string, string, string], rows: string[][]) =>
    textTable(
      titles.map((title, i) => (i === 0 ? { title } : { title, align: 'right' as const })),
      rows,
      colours.dim,
    );
  return [
    `${did} ${colours.bold(counted(deleted.length, 'run'))}, ${byteSize(bytes)}`,
    ...(deleted.length === 0
      ? []
      : table(
          ['run', 'objects', 'size'],
          deleted.map((each) => [each.run, count(each.objects), byteSize(each.bytes)]),
        ).map((line) => `  ${line}`)),
    ...(uploads.length === 0
      ? []
      : [`${dryRun ? 'Would abort' : 'Aborted'} ${counted(uploads.length, 'unfinished upload')}`]),
    ...(kept.length === 0
      ? []
      : [
          '',
          colours.dim('Kept:'),
          ...textTable(
            [{ title: '' }, { title: '' }],
            kept.map(({ run, why }) => [run, why]),
          ).map((line) => `  ${line}`),
        ]),
  ];
}
