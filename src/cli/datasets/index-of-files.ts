import {
  restoreIndex,
  setBack,
  setForward,
  type TakenSummary,
  takenSummary,
} from '../../store/datasets/taken-index.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { TRIBUTARY, WITH_CONFIG } from '../terminal/invocation.ts';
import { count, counted, instant } from '../terminal/measures.ts';
import { datasetHere, placeWithoutTemporal } from './datasets-here.ts';

export interface DatasetIndexOptions {
  /** ISO 8601. */
  readonly backTo?: string;
  /** ISO 8601. */
  readonly forwardTo?: string;
  readonly rebuild?: boolean;
  readonly json?: boolean;
  readonly config?: string;
}

/** `tributary dataset index`: shows which files were taken, and sets the index back or forward. Neither Temporal nor a worker is needed. */
export async function datasetIndex(name: string, options: DatasetIndexOptions): Promise<ExitCode> {
  const { backTo, forwardTo, rebuild, json = false, config } = options;
  if ([backTo, forwardTo, rebuild].filter((each) => each !== undefined).length > 1)
    throw new CommandError(ExitCode.usage, 'Choose one of --back-to, --forward-to and --rebuild.');
  const place = placeWithoutTemporal(await datasetHere(name, config), config);
  const { signal } = new AbortController();
  const changed =
    backTo !== undefined
      ? await setBack(place.files, backTo, signal)
      : forwardTo !== undefined
        ? await setForward(place, forwardTo, signal)
        : rebuild
          ? await restoreIndex(place, signal)
          : undefined;
  const summary = await takenSummary(place.files, signal);
  const lines = json
    ? [JSON.stringify({ dataset: name, ...summary, ...(changed === undefined ? {} : { changed }) })]
    : [
        ...(changed === undefined ? [] : [changeLine(name, changed, options)]),
        ...summaryLines(name, summary),
      ];
  process.stdout.write(`${lines.join('\n')}\n`);
  return ExitCode.done;
}

function changeLine(name: string, changed: number, { backTo, forwardTo }: DatasetIndexOptions): string {
  if (backTo !== undefined)
    return `The next run takes ${counted(changed, 'file')} again, whose rows replace those that are published: ${TRIBUTARY} dataset run ${name} --everything${WITH_CONFIG}`;
  if (forwardTo !== undefined)
    return `Left out: ${counted(changed, 'file')}. Setting the index back takes them.`;
  return `Restored from what is published: ${counted(changed, 'file')}.`;
}

function summaryLines(
  name: string,
  { files, folders, oldest, newest, again, skipped }: TakenSummary,
): string[] {
  if (files === 0 || oldest === undefined || newest === undefined) return [`No files of ${name} were taken.`];
  return [
    `${name}: ${counted(files, 'file')} taken, in ${counted(folders, 'folder')}`,
    `last modified from ${instant(new Date(oldest))} to ${instant(new Date(newest))}`,
    ...(again === 0 ? [] : [`taken again by the next run: ${count(again)}`]),
    ...(skipped === 0 ? [] : [`left out: ${count(skipped)}`]),
  ];
}
