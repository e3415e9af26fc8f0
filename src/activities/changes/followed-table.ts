import { log as logger } from '@temporalio/activity';
import { Terminal } from '../../clients/errors.ts';
import type { ChangesDefinition } from '../../pipeline/definition/changes-definition.ts';
import type { Pipeline } from '../../pipeline/definition/pipeline.ts';
import { durationSeconds } from '../../pipeline/text/durations.ts';
import type { Dependencies } from '../runtime/dependencies.ts';

/** What is needed of a pipeline to follow its table. */
export interface FollowedTable {
  readonly pipeline: string;
  readonly table: string;
  readonly staging: { readonly bucket: string; readonly prefix: string };
  readonly mapping: Pipeline['mapping'];
  readonly kind: ChangesDefinition['kind'];
  /** Changes of a shard are written this long after the first of them, or once there are so many bytes of JSON. */
  readonly cutSeconds: number;
  readonly cutBytes: number;
  /** What exports are requested; absent for a stream. */
  readonly exports?: {
    /** The usual length of a window. */
    readonly everySeconds: number;
    readonly viewType: ExportChanges['viewType'];
  };
}

type ExportChanges = Extract<ChangesDefinition, { kind: 'exports' }>;

/** A pipeline as the worker's configuration has it now. @throws Terminal `UnknownPipeline`, `BadInput` */
export async function followedTable(
  deps: Pick<Dependencies, 'pipelineOf'>,
  pipeline: unknown,
): Promise<FollowedTable> {
  if (typeof pipeline !== 'string' || pipeline === '') {
    throw new Terminal(
      'BadInput',
      'The workflow\'s input does not name a pipeline. Example: {"pipeline":"orders"}.',
    );
  }
  const { source, staging, mapping } = await deps.pipelineOf(pipeline);
  const { changes } = source;
  if (changes === undefined) {
    throw new Terminal(
      'BadInput',
      `Pipeline ${pipeline} does not follow its table: its source has no changes. Add source.changes with kind: streams or kind: exports.`,
    );
  }
  return {
    ...{ pipeline, table: source.table, mapping, kind: changes.kind, cutBytes: changes.cutBytes },
    staging: { bucket: staging.bucket, prefix: staging.prefix },
    cutSeconds: changes.kind === 'streams' ? changes.cutSeconds : Number.POSITIVE_INFINITY,
    ...exportsWanted(changes),
  };
}

/** What exports are requested; nothing for a stream. */
export const exportsWanted = (changes: ChangesDefinition): Pick<FollowedTable, 'exports'> =>
  changes.kind === 'streams'
    ? {}
    : { exports: { everySeconds: durationSeconds(changes.every) as number, viewType: changes.viewType } };

/** How old a reader's knowledge of its pipeline may be. */
const REREAD_MS = 60_000;

/**
 * The pipeline as the worker's configuration has it, reread from time to time. If it cannot be reread, a reader continues with
 * what it knows: a mistake in the file must not lose changes.
 */
export async function rereading(
  deps: Pick<Dependencies, 'pipelineOf'>,
  pipeline: string,
): Promise<() => Promise<FollowedTable>> {
  let known = await followedTable(deps, pipeline);
  let readMs = performance.now();
  return async () => {
    if (performance.now() - readMs < REREAD_MS) return known;
    readMs = performance.now();
    try {
      known = await followedTable(deps, pipeline);
    } catch (error) {
      logger.warn('the configuration could not be reread; changes are read by the earlier one', {
        pipeline,
        error: String(error),
      });
    }
    return known;
  };
}
