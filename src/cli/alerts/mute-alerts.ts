import { configPath, readConfig } from '../../config/read-config.ts';
import { type MuteAlertsInput, type MutedAlerts, muteWorkflowId } from '../../contract/alerts.ts';
import { alertsPlaces } from '../../pipeline/datasets/alerts-places.ts';
import { definitionsOf } from '../../pipeline/definition/pipeline.ts';
import { loaderAlertsPlace } from '../../pipeline/loader/inbox-pages.ts';
import { withTemporal } from '../temporal/command-context.ts';
import { pipelineHere } from '../temporal/config-here.ts';
import { perform } from '../temporal/perform.ts';
import { pipelineInput } from '../temporal/pipeline-of.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { counted, instant } from '../terminal/measures.ts';

export interface MuteOptions {
  /** In seconds. */
  readonly for?: number;
  readonly json?: boolean;
  readonly config?: string;
}

export async function mute(pipeline: string, options: MuteOptions): Promise<void> {
  const { for: seconds } = options;
  const until = seconds === undefined ? null : new Date(Date.now() + seconds * 1000).toISOString();
  const muted = await setMute(pipeline, options, until);
  if (options.json) return say(JSON.stringify(muted));
  const how =
    until === null ? `until: ${TRIBUTARY} alerts unmute ${pipeline}` : `until ${instant(new Date(until))}`;
  say(`Alerts of ${pipeline} are muted ${how}`);
}

export async function unmute(pipeline: string, options: MuteOptions): Promise<void> {
  const muted = await setMute(pipeline, options, undefined);
  if (muted.mutedInFile) {
    throw new CommandError(
      ExitCode.usage,
      `The workers' configuration mutes the alerts of ${pipeline}: remove it from alerts.muted there. Nothing was changed.`,
    );
  }
  if (options.json) return say(JSON.stringify(muted));
  const open = muted.open === 0 ? '' : `; ${counted(muted.open, 'event')} not resolved yet`;
  say(`Alerts of ${pipeline} are sent again${open}`);
}

async function setMute(
  pipeline: string,
  { config }: MuteOptions,
  until: string | null | undefined,
): Promise<MutedAlerts> {
  const input: MuteAlertsInput = {
    ...(await whereAlertsAre(pipeline, config)),
    ...(until === undefined ? {} : { until }),
  };
  const summary = `${until === undefined ? 'unmute' : 'mute'} the alerts of ${pipeline}`;
  return withTemporal(config, (client) =>
    perform<MutedAlerts, MuteAlertsInput>(client, {
      ...{ type: 'muteAlerts', workflowId: muteWorkflowId(pipeline), input, summary },
    }),
  );
}

/**
 * Alerts belong to a pipeline, not to one of its destinations: any of their definitions says where its directory is. Or to a
 * loader or dataset, which the worker finds as well; with `--config`, it gets its place.
 */
async function whereAlertsAre(
  pipeline: string,
  config: string | undefined,
): Promise<Pick<MuteAlertsInput, 'pipeline' | 'definition' | 'staging'>> {
  const staging = await otherPlaceHere(pipeline, config);
  if (staging !== undefined) return { pipeline, ...(config === undefined ? {} : { staging }) };
  if (config === undefined) return pipelineInput(pipeline, undefined, undefined, true);
  const [definition] = Object.values(definitionsOf(await pipelineHere(pipeline, config)));
  return { pipeline, ...(definition === undefined ? {} : { definition }) };
}

/** Where the loader or dataset with this name has its alerts; undefined if the file has none, or a pipeline with its name. */
export async function otherPlaceHere(
  name: string,
  config: string | undefined,
): Promise<MuteAlertsInput['staging']> {
  const file = await readConfig(configPath(config)).catch((error: unknown) => {
    if (config !== undefined) throw error;
    return undefined;
  });
  if (file === undefined || Object.hasOwn(file.pipelines, name)) return undefined;
  const { loaders, datasets, derivedDatasets, fetchedDatasets } = file;
  if (Object.hasOwn(loaders, name)) return loaderAlertsPlace(loaders[name]!);
  const places = alertsPlaces({ ...datasets, ...derivedDatasets, ...fetchedDatasets });
  return Object.hasOwn(places, name) ? places[name] : undefined;
}

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
