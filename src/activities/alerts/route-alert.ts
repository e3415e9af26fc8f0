import { Context, log } from '@temporalio/activity';
import { Terminal } from '../../clients/errors.ts';
import type { AlertRoute, SendAlertInput } from '../../contract/alerts.ts';
import { opensIncident } from '../../pipeline/alerts/alert-event.ts';
import { destinationsOf, wants } from '../../pipeline/alerts/alerts-definition.ts';
import {
  isMuted,
  type PipelineAlerts,
  withIncident,
  withRecovery,
} from '../../pipeline/alerts/pipeline-alerts.ts';
import { recoveryEvent } from '../../pipeline/alerts/recovery-event.ts';
import { amend } from '../../store/bookmark.ts';
import { findDocument } from '../../store/document.ts';
import { pipelineAlerts } from '../../store/pipeline-alerts-file.ts';
import { retryingDelivery } from '../runtime/delivery.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';

/** An alert that something is wrong does not wait longer for the pipeline's `alerts.json`. */
const PATIENT_ATTEMPTS = 3;
const STATE_TIMEOUT_MS = 60_000;

/**
 * Decides which destinations get an event, by today's configuration. It first records the event in the pipeline's
 * `alerts.json`: a completed run is reported as a recovery only if something is open there. If that document cannot be
 * read, an event is sent anyway, because a muted alert is less bad than a lost one.
 */
export async function routeAlert(deps: Dependencies, input: SendAlertInput): Promise<AlertRoute> {
  return whileHeartbeating(
    () => 'looking for destinations',
    (signal) => retryingDelivery(() => route(deps, input, signal)),
    { checksLosses: true },
  );
}

async function route(deps: Dependencies, input: SendAlertInput, signal: AbortSignal): Promise<AlertRoute> {
  const definition = await deps.alerts.definition();
  const none = (reason: string): AlertRoute => ({ event: input.event, destinations: [], reason });
  const all = destinationsOf(definition);
  if (all.length === 0) return none('the configuration has no destinations of alerts');

  // A test is sent even if the pipeline is muted, and changes nothing.
  if (input.event.kind === 'test') return { event: input.event, destinations: all.map(({ name }) => name) };

  const state = await recordedIn(deps, input, signal);
  const event = input.completion === undefined ? input.event : recoveryEvent(input.event, state);
  if (event === undefined) return none('nothing was wrong before');

  const { pipeline } = event;
  if (definition.muted.includes(pipeline)) return none(`${pipeline} is muted in the configuration`);
  if (state !== undefined && isMuted(state, deps.nowMs())) {
    const { mutedUntil } = state;
    return none(
      `${pipeline} is muted ${mutedUntil == null ? 'until "tributary alerts unmute"' : `until ${mutedUntil}`}`,
    );
  }
  const wanted = all.filter((each) => wants(each, event));
  return wanted.length === 0
    ? none(`no destination wants ${event.kind}`)
    : { event, destinations: wanted.map(({ name }) => name) };
}

/** The pipeline's state after the event. Undefined if it cannot be read. */
async function recordedIn(
  deps: Dependencies,
  input: SendAlertInput,
  signal: AbortSignal,
): Promise<PipelineAlerts | undefined> {
  const { event, completion } = input;
  const limited = AbortSignal.any([signal, AbortSignal.timeout(STATE_TIMEOUT_MS)]);
  try {
    const { bucket, prefix } = input.staging ?? (await deps.pipelineOf(event.pipeline)).staging;
    const at = pipelineAlerts(deps.store(bucket), { prefix, pipeline: event.pipeline });
    if (completion !== undefined) {
      return await amend(at, (before) => before && withRecovery(before, event, completion), limited);
    }
    if (opensIncident(event)) return await amend(at, (before) => withIncident(before, event), limited);
    return await findDocument(at, limited);
  } catch (error) {
    signal.throwIfAborted();
    const isLast = error instanceof Terminal || Context.current().info.attempt >= PATIENT_ATTEMPTS;
    if (completion !== undefined || !isLast) throw error;
    log.warn(`the alerts of ${event.pipeline} cannot be read, so it counts as not muted`, {
      error: String(error),
    });
    return undefined;
  }
}
