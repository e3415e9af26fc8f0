import { destinationsOf } from '../../pipeline/alerts/alerts-definition.ts';
import { isMuted, type PipelineAlerts } from '../../pipeline/alerts/pipeline-alerts.ts';
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

/** Prints the destinations in the file, and what is open or muted for each of its pipelines. */
export async function listAlerts({ json, config }: ListOptions): Promise<void> {
  const { alerts, pipelines } = await configHere(config);
  useLocalStack(chosenLocalStack(config));
  const { store } = storesHere();
  const states = new Map<string, PipelineAlerts>();
  await forEachLimited(Object.entries(pipelines), READ_AT_ONCE, async ([pipeline, { staging }]) => {
    const at = pipelineAlerts(store(staging.bucket), { prefix: staging.prefix, pipeline });
    states.set(pipeline, (await findDocument(at)) ?? { version: 1, open: [], recoveries: [] });
  });
  const destinations = destinationsOf(alerts).map(({ name, events = ['all'] }) => ({ name, events }));
  const listed = Object.keys(pipelines).map((pipeline) => {
    const state = states.get(pipeline) as PipelineAlerts;
    const muted = alerts.muted.includes(pipeline) ? 'in the configuration' : mutedUntil(state);
    return { pipeline, ...(muted === undefined ? {} : { muted }), open: state.open };
  });
  if (json) return say(JSON.stringify({ destinations, pipelines: listed }));
  const { dim, yellow, red } = paletteFor(process.stdout);
  if (destinations.length === 0) say('The configuration has no destinations of alerts: see docs/alerts.md');
  const rows = destinations.map(({ name, events }) => [name, events.join(', ')]);
  if (rows.length > 0) table(['destination', 'events'], rows, dim);
  say('');
  table(
    ['pipeline', 'alerts', 'not resolved'],
    listed.map(({ pipeline, muted, open }) => [
      pipeline,
      muted === undefined ? 'sent' : yellow(`muted ${muted}`),
      open.length === 0
        ? '-'
        : red(
            open
              .map(({ kind, at }) => `${kind} ${instant(new Date(at))}`)
              .slice(-3)
              .join('; '),
          ),
    ]),
    dim,
  );
  if (destinations.length > 0) say(dim(`Try them: ${TRIBUTARY} alerts test <pipeline>`));
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
