import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { TRIBUTARY, WITH_CONFIG } from '../terminal/invocation.ts';
import { byteSize, count, instant } from '../terminal/measures.ts';
import { type Palette, paletteFor } from '../terminal/palette.ts';
import { textTable } from '../terminal/text-table.ts';
import { FILE_STATES } from './file-states.ts';
import { filesWithoutTemporal, loadersHere, tableOf } from './loaders-here.ts';
import { readBatch } from './stored-batches.ts';
import { type StoredFile, storedFiles } from './stored-files.ts';

export interface ListFilesOptions {
  readonly batch?: number;
  readonly waiting?: boolean;
  /** With hyphens in place of spaces. */
  readonly state?: string;
  readonly containing?: string;
  readonly all?: boolean;
  readonly limit?: number;
  readonly json?: boolean;
  readonly config?: string;
}

const SHOWN = 100;

/** Lists files and the outcome of each, from S3. Neither Temporal nor a worker is needed. */
export async function listFiles(name: string, options: ListFilesOptions): Promise<ExitCode> {
  const { config, batch, waiting = false, all = false, json = false, containing } = options;
  const at = filesWithoutTemporal(tableOf(await loadersHere(config), name, config), config);
  const { signal } = new AbortController();
  if (batch !== undefined && (await readBatch(at, batch, signal)) === undefined) {
    throw new CommandError(
      ExitCode.usage,
      `${name} has no batch ${batch}. List them: ${TRIBUTARY} loader batches ${name}${WITH_CONFIG}`,
    );
  }
  const state = waiting ? 'waiting' : FILE_STATES.find((each) => each.replaceAll(' ', '-') === options.state);
  const limit = options.limit ?? (all || batch !== undefined ? Number.POSITIVE_INFINITY : SHOWN);
  const found: StoredFile[] = [];
  let more = false;
  let printed = 0;
  for await (const file of storedFiles(at, { batch, state, containing }, signal)) {
    more = printed === limit;
    if (more) break;
    printed++;
    if (json) process.stdout.write(`${JSON.stringify(file)}\n`);
    else found.push(file);
  }
  if (!json)
    process.stdout.write(
      `${fileLines(name, { files: found, more }, paletteFor(process.stdout)).join('\n')}\n`,
    );
  return ExitCode.done;
}

export function fileLines(
  name: string,
  { files, more }: { readonly files: readonly StoredFile[]; readonly more: boolean },
  colours: Palette,
): string[] {
  if (files.length === 0) return [`${name} has no such files.`];
  const table = textTable(
    [
      { title: 'state' },
      { title: 'batch', align: 'right' },
      { title: 'announced' },
      { title: 'size', align: 'right' },
      { title: 'file' },
    ],
    files.map(({ state, batch, at, bytes, bucket, key }) => [
      state,
      batch === undefined ? '' : String(batch),
      instant(new Date(at)),
      byteSize(bytes),
      `s3://${bucket}/${key}`,
    ]),
    colours.dim,
  );
  const notes = more ? [`and more than these ${count(files.length)}: --all, or --limit <n>`] : [];
  return [...table, ...notes.map((note) => colours.dim(note))];
}
