import { z } from 'zod';
import { Terminal } from '../../clients/errors.ts';
import type { MuteAlertsInput, MutedAlerts } from '../../contract/alerts.ts';
import { withMute } from '../../pipeline/alerts/pipeline-alerts.ts';
import { loaderAlertsPlace } from '../../pipeline/loader/inbox-pages.ts';
import { amend } from '../../store/bookmark.ts';
import { pipelineAlerts } from '../../store/pipeline-alerts-file.ts';
import { definitionFor } from '../runtime/definition-for.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';

const Until = z.iso.datetime().nullable().optional();

type Place = NonNullable<MuteAlertsInput['staging']>;

/**
 * Records in the `alerts.json` of a pipeline or loader until when it is muted. One that the file mutes stays muted: nothing is
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
 * `alerts.muted` has one name for a pipeline and a loader, and so has an operator.
 * @throws Terminal `UnknownPipeline` if there is neither
 */
async function placesOf(deps: Dependencies, input: MuteAlertsInput): Promise<Place[]> {
  const { pipeline, definition, staging } = input;
  if (staging !== undefined) return [staging];
  const loader = definition === undefined ? (await loadersOf(deps))[pipeline] : undefined;
  const ofLoader = loader === undefined ? [] : [loaderAlertsPlace(loader)];
  try {
    const of = definition === undefined ? await deps.pipelineOf(pipeline) : await definitionFor(deps, input);
    return [of.staging, ...ofLoader];
  } catch (error) {
    const isLoaderOnly = ofLoader.length > 0 && error instanceof Terminal && error.code === 'UnknownPipeline';
    if (isLoaderOnly) return ofLoader;
    throw error;
  }
}

/** A definition may be sent to a worker that has no file. */
const loadersOf = (deps: Dependencies) =>
  deps.loaders().catch((error: unknown): Awaited<ReturnType<Dependencies['loaders']>> => {
    if (error instanceof Terminal) return {};
    throw error;
  });

/** A definition may be sent to a worker that has no file. */
async function isMutedInFile({ alerts }: Dependencies, pipeline: string): Promise<boolean> {
  try {
    return (await alerts.definition()).muted.includes(pipeline);
  } catch (error) {
    if (error instanceof Terminal) return false;
    throw error;
  }
}
