import { z } from 'zod';
import { WAREHOUSE } from '../pipeline/definition/destination.ts';
import { DestinationMapping } from '../pipeline/mapping/destination-mapping.ts';

/** The destinations of the file's pipelines as they are written: not validated yet, so each part may be missing. */

const Warehouse = z.object({
  workgroup: z.string().optional(),
  cluster: z.string().optional(),
  database: z.string().optional(),
  schema: z.string().optional(),
});

const Written = z.object({
  ...Warehouse.shape,
  kind: z.string().optional(),
  bucket: z.string().optional(),
  prefix: z.string().optional(),
});

const Parts = z.object({
  warehouse: Warehouse.optional().catch(undefined),
  destinations: z.record(z.string(), z.unknown()).optional().catch(undefined),
});

export interface WrittenDestination extends z.infer<typeof Written> {
  readonly pipeline: string;
  /** Its name: `warehouse` for the setting `warehouse`. */
  readonly name: string;
  /** `orders`, or `orders/team-b`. */
  readonly label: string;
  /** Where in the file it is written. */
  readonly path: readonly string[];
  /** All its settings. */
  readonly written: unknown;
  /** Its own, if that is valid. */
  readonly mapping: DestinationMapping | undefined;
}

/** All destinations of all pipelines. */
export function writtenDestinations(pipelines: Readonly<Record<string, unknown>>): WrittenDestination[] {
  return Object.entries(pipelines).flatMap(([pipeline, entry]) => {
    const { warehouse, destinations = {} } = Parts.safeParse(entry).data ?? {};
    const single: WrittenDestination[] =
      warehouse === undefined
        ? []
        : [
            {
              ...{ ...warehouse, kind: 'redshift', pipeline, name: WAREHOUSE, label: pipeline },
              ...{ path: ['pipelines', pipeline, 'warehouse'], mapping: undefined },
              written: (entry as { readonly warehouse: unknown }).warehouse,
            },
          ];
    const named = Object.entries(destinations).map(([name, written]): WrittenDestination => {
      const own = z.object({ mapping: DestinationMapping }).safeParse(written).data;
      return {
        ...Written.safeParse(written).data,
        ...{ pipeline, name, label: `${pipeline}/${name}`, mapping: own?.mapping, written },
        path: ['pipelines', pipeline, 'destinations', name],
      };
    });
    return [...single, ...named];
  });
}
