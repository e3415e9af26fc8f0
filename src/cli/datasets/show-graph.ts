import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PlanDatasetsResult, PlannedDataset } from '../../contract/datasets/graph.ts';
import { valuesOf } from '../../pipeline/datasets/graph/calendar.ts';
import { graphPage } from '../../report/graph/graph-page.ts';
import type { DrawnDataset, GraphPicture } from '../../report/graph/graph-picture.ts';
import { graphSvg } from '../../report/graph/graph-svg.ts';
import { graphMermaid, graphText } from '../../report/graph/graph-text.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { openInBrowser } from '../terminal/open-in-browser.ts';
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
  const at = options.now ?? new Date().toISOString();
  const picture = pictureOf(await plannedGraph(dataset, { ...options, now: at }), at);
  const drawn = DRAWN[format](picture);
  const file = out ?? (open ? join(tmpdir(), `tributary-datasets.${format}`) : undefined);
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
    datasets: datasets.map((dataset) => ({ ...dataset, partitions: partitionsOf(dataset, partitions) })),
  };
}

function partitionsOf(
  { name, unit, first, last }: PlannedDataset,
  unfinished: PlanDatasetsResult['partitions'],
): DrawnDataset['partitions'] {
  const own = new Map(
    unfinished.filter(({ dataset }) => dataset === name).map((each) => [each.partition, each]),
  );
  const values =
    unit === undefined || first === undefined || last === undefined
      ? [...own.keys()]
      : valuesOf(unit, { first, last });
  return values.map((partition) => {
    const { state = 'complete' as const, reason = '' } = own.get(partition) ?? {};
    return { partition, state, reason };
  });
}
