import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  PlanDatasetsResult,
  PlannedDataset,
  UnfinishedPartition,
} from '../../../contract/datasets/graph.ts';
import { valuesOf } from '../../../pipeline/datasets/graph/calendar.ts';
import { graphPage } from '../../../report/graph/graph-page.ts';
import type { DrawnDataset, DrawnPartition, GraphPicture } from '../../../report/graph/graph-picture.ts';
import { graphSvg } from '../../../report/graph/graph-svg.ts';
import { graphMermaid, graphText } from '../../../report/graph/graph-text.ts';
import { CommandError, ExitCode } from '../../terminal/exit-code.ts';
import { asTypedHere, TRIBUTARY, WITH_CONFIG } from '../../terminal/invocation.ts';
import { openInBrowser } from '../../terminal/open-in-browser.ts';
import { plannedGraph, type SelectionOptions } from './run-graph.ts';

export interface GraphPictureOptions extends SelectionOptions {
  readonly format?: GraphFormat;
  /** Where the picture is written. Default: standard output. */
  readonly out?: string;
  readonly open?: boolean;
}

type GraphFormat = 'text' | 'mermaid' | 'svg' | 'html';

const DRAWN: Readonly<Record<GraphFormat, (picture: GraphPicture) => string>> = {
  text: graphText,
  mermaid: graphMermaid,
  svg: graphSvg,
  html: graphPage,
};

/** `tributary dataset graph`: datasets, what they are made of, and the state of their partitions. */
export async function showGraph(
  dataset: string | undefined,
  options: GraphPictureOptions,
): Promise<ExitCode> {
  const { open = false, format = open ? 'html' : 'text', out } = options;
  if (open && format !== 'html' && format !== 'svg')
    throw new CommandError(ExitCode.usage, `--open shows html or svg in the browser, not ${format}.`);
  const at = options.now ?? new Date().toISOString();
  const picture = pictureOf(await plannedGraph(dataset, { ...options, now: at }), at);
  const drawn = DRAWN[format](picture);
  const file =
    out ?? (open ? join(await mkdtemp(join(tmpdir(), 'tributary-')), `datasets.${format}`) : undefined);
  if (file === undefined) {
    process.stdout.write(drawn);
    return ExitCode.done;
  }
  await writeFile(file, drawn);
  process.stdout.write(`Wrote ${file}\n`);
  if (open && !(await openInBrowser(file)))
    throw new CommandError(ExitCode.failed, `No program to open a page was found. Open it yourself: ${file}`);
  return ExitCode.done;
}

/** The plan as it is drawn: what it does not list is complete. */
export function pictureOf({ datasets, partitions }: PlanDatasetsResult, at: string): GraphPicture {
  return {
    at,
    datasets: datasets.map((dataset) => {
      const { durations: _, ...drawn } = dataset;
      return { ...drawn, ...durationsOf(dataset), partitions: partitionsOf(dataset, partitions) };
    }),
  };
}

const durationsOf = ({ durations }: PlannedDataset): Pick<DrawnDataset, 'durations'> =>
  durations === undefined
    ? {}
    : {
        durations: {
          medianMs: durations.median,
          last: { partition: durations.last.partition, milliseconds: durations.last.took },
          slowest: { partition: durations.longest.partition, milliseconds: durations.longest.took },
        },
      };

function partitionsOf(
  { name, unit, first, last, durations }: PlannedDataset,
  unfinished: PlanDatasetsResult['partitions'],
): DrawnDataset['partitions'] {
  const own = new Map(
    unfinished.filter(({ dataset }) => dataset === name).map((each) => [each.partition, each]),
  );
  const values =
    unit === undefined || first === undefined || last === undefined
      ? [...own.keys()]
      : valuesOf(unit, { first, last });
  const took = new Map(durations?.partitions.map((each) => [each.partition, each.took]));
  return values.map((partition) => {
    const found = own.get(partition);
    const milliseconds = took.get(partition);
    return {
      ...{ partition, state: found?.state ?? 'complete', reason: asTypedHere(found?.reason ?? '') },
      ...(found === undefined ? {} : helpFor(found)),
      ...(found?.inputs === undefined ? {} : { inputs: found.inputs }),
      ...(milliseconds === undefined ? {} : { milliseconds }),
    };
  });
}

/** The command that helps, unless the reason has it. */
export function helpFor({ dataset, state, reason, run }: UnfinishedPartition): Pick<DrawnPartition, 'help'> {
  if (reason.includes('tributary dataset ')) return {};
  const typed = (command: string) => ({ help: `${TRIBUTARY} dataset ${command}${WITH_CONFIG}` });
  if (state === 'failed' && run !== undefined) return typed(`retry ${run}`);
  return state === 'failed' || state === 'ready' ? typed(`run ${dataset}`) : {};
}
