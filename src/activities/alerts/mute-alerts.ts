import { z } from 'zod';
import { Terminal } from '../../clients/errors.ts';
import type { MuteAlertsInput, MutedAlerts } from '../../contract/alerts.ts';
import { withMute } from '../../pipeline/alerts/pipeline-alerts.ts';
import { alertsPlaces } from '../../pipeline/datasets/alerts-places.ts';
import { loaderAlertsPlace } from '../../pipeline/loader/inbox-pages.ts';
import { amend } from '../../store/bookmark.ts';
import { pipelineAlerts } from '../../store/pipeline-alerts-file.ts';
import { definitionFor } from '../runtime/definition-for.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';

const Until = z.iso.datetime().nullable().optional();

type Place = NonNullable<MuteAlertsInput['staging']>;

/**
 * Records in the `alerts.json` of a pipeline, loader or dataset until when it is muted. One that the file mutes stays muted: nothing is
 * recorded then.
 */
export async function muteAlerts(deps: Dependencies, input: MuteAlertsInput): Promise<MutedAlerts> {
  const until = Until.parse(input.until);
  const { pipeline } = input;
  if (until === undefined && (await isMutedInFile(deps, pipeline)))
    return { pipeline, mutedInFile: true, open: 0 };
  const places = await placesOf(deps, input);
  const states = await whileHeartbeating(
    () => 'muting',
    (signal) =>
      Promise.all(
        places.map(({ bucket, prefix }) =>
          amend(
            pipelineAlerts(deps.store(bucket), { prefix, pipeline }),
            (before) => withMute(before, until),
            signal,
          ),
        ),
      ),
  );
  return {
    pipeline,
    ...(until === undefined ? {} : { mutedUntil: until }),
    open: states.reduce((sum, { open }) => sum + open.length, 0),
  };
}

/**
 * `alerts.muted` has one name for a pipeline, a loader and a dataset, and so has an operator.
 * @throws Terminal `UnknownPipeline` if there is none of them
 */
async function placesOf(deps: Dependencies, input: MuteAlertsInput): Promise<Place[]> {
  const { pipeline, definition, staging } = input;
  if (staging !== undefined) return [staging];
  if (definition !== undefined) return [(await definitionFor(deps, input)).staging];
  const others = [
    ...named(await orNone(deps.loaders()), pipeline).map(loaderAlertsPlace),
    ...named(await placesOfDatasets(deps), pipeline),
  ];
  try {
    return [(await deps.pipelineOf(pipeline)).staging, ...others];
  } catch (error) {
    const isOther = others.length > 0 && error instanceof Terminal && error.code === 'UnknownPipeline';
    if (isOther) return others;
    throw error;
  }
}

const placesOfDatasets = async (deps: Dependencies) =>
  alertsPlaces({
    ...(await orNone(deps.datasets())),
    ...(await orNone(deps.derivedDatasets())),
    ...(await orNone(deps.fetchedDatasets())),
  });

/** A worker may have no file, or one that is not valid now: then the pipeline is not found either. */
const orNone = <T>(all: Promise<Readonly<Record<string, T>>>) =>
  all.catch((error: unknown): Readonly<Record<string, T>> => {
    if (error instanceof Terminal) return {};
    throw error;
  });

const named = <T>(all: Readonly<Record<string, T>>, name: string): T[] =>
  Object.hasOwn(all, name) ? [all[name] as T] : [];

/** A definition may be sent to a worker that has no file. */
async function isMutedInFile({ alerts }: Dependencies, pipeline: string): Promise<boolean> {
  try {
    return (await alerts.definition()).muted.includes(pipeline);
  } catch (error) {
    if (error instanceof Terminal) return false;
    throw error;
  }
}
