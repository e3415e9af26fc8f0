import {
  type BackupList,
  type ListBackupsInput,
  type RollbackInput,
  type RollbackResult,
  rollbackWorkflowId,
} from '../../contract/maintenance.ts';
import { swapNotes } from '../../contract/swap-notes.ts';
import { withTemporal } from '../temporal/command-context.ts';
import { begin, perform } from '../temporal/perform.ts';
import { pipelineInput } from '../temporal/pipeline-of.ts';
import { newRunName } from '../temporal/run-name.ts';
import { ExitCode } from '../terminal/exit-code.ts';
import { byteSize, count } from '../terminal/measures.ts';
import { type Palette, paletteFor } from '../terminal/palette.ts';
import { textTable } from '../terminal/text-table.ts';

export interface BackupsOptions {
  readonly destination?: string;
  readonly json?: boolean;
  readonly config?: string;
}

export interface RollbackOptions {
  readonly destination?: string;
  readonly to?: string;
  readonly wait?: boolean;
  readonly json?: boolean;
  readonly config?: string;
}

/** Starts a rollback, and with `--wait` waits for it. */
export async function rollBack(pipeline: string, options: RollbackOptions): Promise<ExitCode> {
  const { to, json } = options;
  const input: RollbackInput = {
    ...(await pipelineInput(pipeline, options.config, options.destination)),
    ...(to === undefined ? {} : { to }),
  };
  return withTemporal(options.config, async (client) => {
    const workflowId = rollbackWorkflowId(pipeline, newRunName());
    const aim = to === undefined ? 'the newest backup' : `run ${to}`;
    const summary = `roll ${pipeline} back to ${aim}`;
    const work = { type: 'rollbackWarehouse', workflowId, input, summary };
    const out = json ? process.stderr : process.stdout;
    if (!options.wait) {
      await begin(client, work);
      out.write(`Requested: roll ${pipeline} back to ${aim}\n  workflow ${workflowId}\n`);
      if (json) process.stdout.write(`${JSON.stringify({ workflowId })}\n`);
      return ExitCode.done;
    }
    const result = await perform<RollbackResult, RollbackInput>(client, work);
    out.write(`${rollbackLine(result, paletteFor(out))}\n`);
    if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
    return ExitCode.done;
  });
}

function rollbackLine(result: RollbackResult, colours: Palette): string {
  const { schema, run, extractedFrom, replaced, backupSchema } = result;
  const now = `${colours.bold(schema)} holds run ${colours.bold(run)}, extracted from ${extractedFrom} on`;
  if (replaced === null) return `${colours.green('✓')} ${now}`;
  const kept = `${colours.green('✓')} ${now}; run ${replaced} is kept in ${backupSchema}`;
  return [kept, ...swapNotes(result)].join('\n');
}

/** Prints the backups of a pipeline. */
export async function listBackups(pipeline: string, options: BackupsOptions): Promise<ExitCode> {
  const input: ListBackupsInput = await pipelineInput(pipeline, options.config, options.destination);
  const list = await withTemporal(options.config, async (client) => {
    const workflowId = `backups-${pipeline}-${newRunName()}`;
    const work = { type: 'listBackups', workflowId, input, summary: `list backups of ${pipeline}` };
    return perform<BackupList, ListBackupsInput>(client, work, { readOnly: true });
  });
  process.stdout.write(
    options.json
      ? `${JSON.stringify(list)}\n`
      : `${backupLines(list, paletteFor(process.stdout)).join('\n')}\n`,
  );
  return ExitCode.done;
}

/** Redshift counts whole megabytes. */
const sizeText = (megabytes: number | null) =>
  megabytes === null ? '?' : megabytes === 0 ? '< 1 MB' : byteSize(megabytes * 1_000_000);

function backupLines({ schema, live, backups }: BackupList, colours: Palette): string[] {
  const holds =
    live === null ? 'holds no run' : `holds run ${live.run}, extracted from ${live.extractedFrom} on`;
  const head = `${colours.bold(schema)} ${holds}`;
  if (backups.length === 0) return [head, 'There are no backups.'];
  const rows = backups.map((each) => [
    each.run,
    each.extractedFrom,
    count(each.tables),
    count(each.rows),
    sizeText(each.megabytes),
    each.schema,
    each.undone ? 'rolled back from' : '',
  ]);
  return [
    head,
    '',
    ...textTable(
      [
        { title: 'run' },
        { title: 'extracted from' },
        { title: 'tables', align: 'right' },
        { title: 'rows', align: 'right' },
        { title: 'size', align: 'right' },
        { title: 'schema' },
        { title: '' },
      ],
      rows,
      colours.dim,
    ),
  ];
}
