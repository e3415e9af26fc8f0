import type { z } from 'zod';
import { joinedMapping } from '../mapping/destination-mapping.ts';
import type { Mapping } from '../mapping/mapping.ts';
import type { RedshiftDestination, S3Destination } from './destination.ts';
import { WAREHOUSE } from './destination.ts';
import { PipelineDefinition } from './pipeline-definition.ts';

/** A pipeline with all its destinations. What reads its table, or keeps its change log, needs no destination. */
export interface Pipeline
  extends Pick<PipelineDefinition, 'source' | 'staging' | 'mapping' | 'redactValues'> {
  /** By name, in the file's order. A single `warehouse` has the name `warehouse`. */
  readonly destinations: Readonly<Record<string, Destination>>;
}

export type Destination =
  /** What a run into it, or an apply to it, works by: the mapping is joined with the pipeline's. */
  | { readonly kind: 'redshift'; readonly definition: PipelineDefinition }
  /** Its mapping is joined with the pipeline's. */
  | { readonly kind: 's3'; readonly settings: Omit<S3Destination, 'mapping'>; readonly mapping: Mapping };

/** A destination as it is written, with all that is left to a default or a template filled in. */
export type WrittenDestination = z.infer<typeof RedshiftDestination> | S3Destination;

/** A pipeline without `warehouse`. */
type Shared = Omit<PipelineDefinition, 'warehouse' | 'destination'>;

/** A pipeline with a single warehouse. */
export function withWarehouse(definition: PipelineDefinition): Pipeline {
  return { ...common(definition), destinations: { [WAREHOUSE]: { kind: 'redshift', definition } } };
}

/** A pipeline with a map of destinations. */
export function withDestinations(
  shared: Shared,
  written: Readonly<Record<string, WrittenDestination>>,
): Pipeline {
  const destinations = Object.entries(written).map(([name, each]) => [name, joined(shared, name, each)]);
  return { ...common(shared), destinations: Object.fromEntries(destinations) };
}

const common = ({ source, staging, mapping, redactValues }: Shared) => ({
  source,
  staging,
  mapping,
  redactValues,
});

function joined(shared: Shared, name: string, written: WrittenDestination): Destination {
  const mapping = joinedMapping(shared.mapping, written.mapping);
  if (written.kind === 's3') {
    const { mapping: _, ...settings } = written;
    return { kind: 's3', settings, mapping };
  }
  const { mapping: _, descriptions, onDrift, checks, maxRejects, allowEmpty, ...warehouse } = written;
  const definition = PipelineDefinition.parse({
    ...shared,
    ...(name === WAREHOUSE ? {} : { destination: name }),
    warehouse,
    mapping,
    descriptions: joinedDescriptions(shared.descriptions, descriptions),
    onDrift: onDrift ?? shared.onDrift,
    checks: { ...shared.checks, ...checks },
    maxRejects: maxRejects ?? shared.maxRejects,
    allowEmpty: allowEmpty ?? shared.allowEmpty,
  });
  return { kind: 'redshift', definition };
}

/** The definitions of a pipeline's destinations of kind `redshift`, by the names of these. */
export function definitionsOf({
  destinations,
}: Pick<Pipeline, 'destinations'>): Readonly<Record<string, PipelineDefinition>> {
  return Object.fromEntries(
    Object.entries(destinations).flatMap(([name, each]) =>
      each.kind === 'redshift' ? [[name, each.definition] as const] : [],
    ),
  );
}

type Described = PipelineDefinition['descriptions'];

function joinedDescriptions(shared: Described, own: Described): Described {
  if (shared === undefined || own === undefined) return own ?? shared;
  return {
    ...shared,
    ...own,
    tables: { ...shared.tables, ...own.tables },
    columns: { ...shared.columns, ...own.columns },
  };
}

/** The name of a definition's destination. */
export const destinationOf = ({ destination }: { readonly destination?: string | undefined }): string =>
  destination ?? WAREHOUSE;
