import type { ObjectStore } from '../../../clients/object-store.ts';
import type { DestinationRef } from '../../../contract/changes/apply-activities.ts';
import { alertAtLagSeconds } from '../../../pipeline/definition/apply-pace.ts';
import { HistoryLines } from '../../../pipeline/history/history-lines.ts';
import type { Key } from '../../../pipeline/item/key.ts';
import { mappingOfImages } from '../../../pipeline/mapping/destination-mapping.ts';
import { FOR_LOOKS } from '../../../pipeline/mapping/hide/hiding.ts';
import type { Mapping } from '../../../pipeline/mapping/mapping.ts';
import type { History } from '../../../store/changes/history-files.ts';
import type { Dependencies } from '../../runtime/dependencies.ts';
import { hidingNow } from '../../runtime/hash-key.ts';

/** A destination of kind `s3`, as the worker's configuration has it now. */
export interface HistoryDestination {
  readonly pipeline: string;
  readonly history: History;
  readonly alertAtLagSeconds: number;
  /** Where the log is. */
  readonly log: { readonly store: ObjectStore; readonly prefix: string };
  /** The lines of a table with this key. @throws Terminal `HashKeyMissing`, `BadEnvironment` */
  lines(key: Key): HistoryLines;
}

/** Undefined if the destination is of another kind, or the pipeline has none of this name. @throws Terminal `UnknownPipeline` */
export async function findHistory(
  deps: Dependencies,
  { pipeline, destination }: DestinationRef,
): Promise<HistoryDestination | undefined> {
  const { destinations, staging, mapping } = await deps.pipelineOf(pipeline);
  const found = Object.hasOwn(destinations, destination) ? destinations[destination] : undefined;
  if (found?.kind !== 's3') return undefined;
  const { bucket, prefix, alertAtLag } = found.settings;
  return {
    pipeline,
    history: { store: deps.store(bucket), at: { prefix, pipeline } },
    alertAtLagSeconds: alertAtLagSeconds(alertAtLag),
    log: { store: deps.store(staging.bucket), prefix: staging.prefix },
    lines: (key) => linesOf(mapping, found.mapping, key, deps.hashKey),
  };
}

function linesOf(pipeline: Mapping, joined: Mapping, key: Key, hashKey: string | undefined): HistoryLines {
  const hidden = hidingNow(hashKey, mappingOfImages(pipeline, joined));
  return new HistoryLines(pipeline, joined, key, hidden?.hiding ?? FOR_LOOKS);
}
