import type { Document } from 'yaml';
import { z } from 'zod';
import { didYouMean } from '../../pipeline/text/nearest.ts';
import type { ConfigProblem } from '../config-error.ts';
import { offsetOf } from '../document-positions.ts';
import { writtenDestinations } from '../written-destinations.ts';

const Scheduled = z.object({ pipeline: z.string(), destination: z.string().optional() });

/** Schedules that name none of several destinations, or one that their pipeline does not have. */
export function scheduledDestinations(
  document: Document,
  {
    pipelines,
    schedules,
  }: {
    readonly pipelines: Readonly<Record<string, unknown>>;
    readonly schedules: Readonly<Record<string, unknown>>;
  },
): ConfigProblem[] {
  return Object.entries(schedules).flatMap(([name, schedule]) => {
    const { data } = Scheduled.safeParse(schedule);
    if (data === undefined || !Object.hasOwn(pipelines, data.pipeline)) return [];
    const { pipeline, destination } = data;
    const all = writtenDestinations({ [pipeline]: pipelines[pipeline] });
    // That a pipeline has no destination at all is reported by itself.
    if (all.length === 0) return [];
    const names = all.filter(({ kind }) => kind === 'redshift').map((each) => each.name);
    if (destination === undefined ? names.length === 1 : names.includes(destination)) return [];
    const path = ['schedules', name, destination === undefined ? 'pipeline' : 'destination'];
    const message =
      destination === undefined
        ? `expected destination beside pipeline: ${pipeline} has ${names.length === 0 ? 'none of kind redshift' : names.join(', ')}`
        : `expected a destination of kind redshift of ${pipeline}, got ${JSON.stringify(destination)}${didYouMean(destination, names)}`;
    return [{ path, offset: offsetOf(document, path, 'value'), message }];
  });
}
