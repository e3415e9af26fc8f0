import { definitionsOf, type Pipeline } from '../../pipeline/definition/pipeline.ts';

/** A pipeline, and one of its destinations. */
export interface ChosenPipeline {
  readonly pipeline: string;
  /** Absent if it has only one, or if the command is to find out. */
  readonly destination?: string;
}

/** `orders`, or `orders/team-b`. */
export const labelOf = ({ pipeline, destination }: ChosenPipeline): string =>
  destination === undefined ? pipeline : `${pipeline}/${destination}`;

/** All destinations of kind `redshift`. */
export function allDestinations([pipeline, definition]: readonly [string, Pipeline]): ChosenPipeline[] {
  const names = Object.keys(definitionsOf(definition));
  return names.length === 1 ? [{ pipeline }] : names.map((destination) => ({ pipeline, destination }));
}
