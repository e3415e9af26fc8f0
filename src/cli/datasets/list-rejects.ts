import { type BatchRejects, currentRejects, LAST_INTAKES } from '../../store/datasets/rejects.ts';
import { ExitCode } from '../terminal/exit-code.ts';
import { TRIBUTARY, WITH_CONFIG } from '../terminal/invocation.ts';
import { counted } from '../terminal/measures.ts';
import { paletteFor } from '../terminal/palette.ts';
import { clipped } from '../terminal/text-table.ts';
import { datasetHere, placeWithoutTemporal } from './datasets-here.ts';

export interface DatasetRejectsOptions {
  readonly intake?: number;
  readonly all?: boolean;
  readonly json?: boolean;
  readonly config?: string;
}

/** Records shown per reason. */
const SHOWN = 5;
const WIDTH = 100;

/** The line of a file that is set aside as a whole. */
const WHOLE_FILE = 0;

export interface Reason {
  readonly isOfFiles: boolean;
  records: number;
  readonly first: { readonly place: string; readonly raw: string }[];
}

/** `tributary dataset rejects`: the records that are set aside, by reason. Neither Temporal nor a worker is needed. */
export async function listDatasetRejects(name: string, options: DatasetRejectsOptions): Promise<ExitCode> {
  const { json = false, all = false, intake, config } = options;
  const definition = await datasetHere(name, config);
  const { files, source } = placeWithoutTemporal(definition, config);
  const most = all || intake !== undefined ? Number.POSITIVE_INFINITY : LAST_INTAKES;
  const wanted = { most, ...(intake === undefined ? {} : { intake }) };
  const reasons = new Map<string, Reason>();
  const address = (file: string, line: number) =>
    `s3://${source.store.bucket}/${file}${line === WHOLE_FILE ? '' : `:${line}`}`;
  for await (const batch of currentRejects(files, wanted, new AbortController().signal)) {
    if (json) printJson(batch);
    else addRejects(reasons, batch, address);
  }
  if (!json) process.stdout.write(`${rejectLines(name, reasons).join('\n')}\n`);
  return ExitCode.done;
}

function printJson({ intake, batch, rejects }: BatchRejects): void {
  for (const reject of rejects) process.stdout.write(`${JSON.stringify({ intake, batch, ...reject })}\n`);
}

export function addRejects(
  reasons: Map<string, Reason>,
  { rejects }: Pick<BatchRejects, 'rejects'>,
  address: (file: string, line: number) => string,
): void {
  for (const { reason, detail, file, line, raw } of rejects) {
    const known = reasons.get(reason) ?? { isOfFiles: line === WHOLE_FILE, records: 0, first: [] };
    reasons.set(reason, known);
    if (known.records++ >= SHOWN) continue;
    known.first.push({ place: address(file, line), raw: detail === undefined ? raw : `${detail}: ${raw}` });
  }
}

/** By reason, the most frequent first. */
export function rejectLines(name: string, reasons: ReadonlyMap<string, Reason>): string[] {
  const { bold, dim } = paletteFor(process.stdout);
  if (reasons.size === 0) return [`No records of ${name} are set aside.`];
  return [
    ...[...reasons]
      .sort(([, a], [, b]) => b.records - a.records)
      .flatMap(([reason, { isOfFiles, records, first }]) => [
        `${bold(counted(records, isOfFiles ? 'file' : 'record'))} because ${reason}`,
        ...first.flatMap(({ place, raw }) => [
          `  ${place}`,
          ...(raw === '' ? [] : [dim(`    ${clipped(raw, WIDTH)}`)]),
        ]),
        ...(records > first.length
          ? [dim(`  and ${counted(records - first.length, isOfFiles ? 'file' : 'record')} more: --json`)]
          : []),
      ]),
    '',
    `Once the module or the files are correct: ${TRIBUTARY} dataset rejects replay ${name}${WITH_CONFIG}`,
  ];
}
