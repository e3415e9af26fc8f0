import { destinationsOf } from '../../pipeline/alerts/alerts-definition.ts';
import { isMuted, type PipelineAlerts } from '../../pipeline/alerts/pipeline-alerts.ts';
import { alertsPlaces } from '../../pipeline/datasets/alerts-places.ts';
import { loaderAlertsPlace } from '../../pipeline/loader/inbox-pages.ts';
import { findDocument } from '../../store/document.ts';
import { forEachLimited } from '../../store/for-each-limited.ts';
import { pipelineAlerts } from '../../store/pipeline-alerts-file.ts';
import { chosenLocalStack, useLocalStack } from '../temporal/command-context.ts';
import { configHere } from '../temporal/config-here.ts';
import { storesHere } from '../temporal/pipeline-store.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { instant } from '../terminal/measures.ts';
import { paletteFor } from '../terminal/palette.ts';
import { textTable } from '../terminal/text-table.ts';

export interface ListOptions {
  readonly json?: boolean;
  readonly config?: string;
}

const READ_AT_ONCE = 8;

/** Where the alerts of a pipeline, loader or dataset are. */
interface Place {
  readonly bucket: string;
  readonly prefix: string;
}

/** A pipeline, loader or dataset. */
interface Listed extends Pick<PipelineAlerts, 'open'> {
  readonly name: string;
  readonly muted?: string;
}

/** Prints the destinations in the file, and what is open or muted for each of its pipelines, loaders and datasets. */
export async function listAlerts({ json, config }: ListOptions): Promise<void> {
  const { alerts, pipelines, loaders, datasets, derivedDatasets, fetchedDatasets } = await configHere(config);
  useLocalStack(chosenLocalStack(config));
  const { store } = storesHere();
  const statesOf = async (places: readonly (readonly [string, Place])[]) => {
    const states = new Map<string, PipelineAlerts>();
    await forEachLimited(places, READ_AT_ONCE, async ([name, { bucket, prefix }]) => {
      const at = pipelineAlerts(store(bucket), { prefix, pipeline: name });
      states.set(name, (await findDocument(at)) ?? { version: 1, open: [], recoveries: [] });
    });
    return places.map(([name]) => {
      const state = states.get(name) as PipelineAlerts;
      const muted = alerts.muted.includes(name) ? 'in the configuration' : mutedUntil(state);
      return { name, ...(muted === undefined ? {} : { muted }), open: state.open };
    });
  };
  const ofPipelines = await statesOf(
    Object.entries(pipelines).map(([name, { staging }]) => [name, staging] as const),
  );
  const ofLoaders = await statesOf(
    Object.entries(loaders).map(([name, loader]) => [name, loaderAlertsPlace(loader)] as const),
  );
  const ofDatasets = await statesOf(
    Object.entries(alertsPlaces({ ...datasets, ...derivedDatasets, ...fetchedDatasets })),
  );
  const destinations = destinationsOf(alerts).map(({ name, events = ['all'] }) => ({ name, events }));
  if (json) {
    return say(
      JSON.stringify({
        destinations,
        pipelines: ofPipelines.map(({ name, ...state }) => ({ pipeline: name, ...state })),
        loaders: ofLoaders.map(({ name, ...state }) => ({ loader: name, ...state })),
        datasets: ofDatasets.map(({ name, ...state }) => ({ dataset: name, ...state })),
      }),
    );
  }
  const { dim, yellow, red } = paletteFor(process.stdout);
  if (destinations.length === 0) say('The configuration has no destinations of alerts: see docs/alerts.md');
  const rows = destinations.map(({ name, events }) => [name, events.join(', ')]);
  if (rows.length > 0) table(['destination', 'events'], rows, dim);
  for (const [kind, listed] of [
    ['pipeline', ofPipelines] as const,
    ['loader', ofLoaders] as const,
    ['dataset', ofDatasets] as const,
  ]) {
    if (listed.length === 0) continue;
    say('');
    table([kind, 'alerts', 'not resolved'], rowsOf(listed, { yellow, red }), dim);
  }
  if (destinations.length > 0) say(dim(`Try them: ${TRIBUTARY} alerts test <pipeline>`));
}

function rowsOf(
  listed: readonly Listed[],
  { yellow, red }: Pick<ReturnType<typeof paletteFor>, 'yellow' | 'red'>,
): string[][] {
  return listed.map(({ name, muted, open }) => [
    name,
    muted === undefined ? 'sent' : yellow(`muted ${muted}`),
    open.length === 0
      ? '-'
      : red(
          open
            .map(({ kind, at }) => `${kind} ${instant(new Date(at))}`)
            .slice(-3)
            .join('; '),
        ),
  ]);
}

function mutedUntil(state: PipelineAlerts): string | undefined {
  if (!isMuted(state, Date.now())) return undefined;
  return state.mutedUntil == null ? 'until unmuted' : `until ${instant(new Date(state.mutedUntil))}`;
}

function table(titles: readonly string[], rows: readonly string[][], dim: (text: string) => string): void {
  for (const line of textTable(
    titles.map((title) => ({ title })),
    rows,
    dim,
  ))
    say(line);
}

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
