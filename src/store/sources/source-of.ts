import type { ObjectStore } from '../../clients/object-store.ts';
import type { Source } from '../../clients/source.ts';
import type { TableSource } from '../../clients/table-source.ts';
import type { PipelineDefinition } from '../../pipeline/definition/pipeline-definition.ts';
import type { PlannedExport } from '../../pipeline/export/export-manifest.ts';
import { exportSource } from './export-source.ts';
import { scanSource } from './scan-source.ts';

interface SourceClients {
  readonly source: TableSource;
  store(bucket: string): ObjectStore;
}

/** What a run or an inference reads, by its plan. */
export function sourceOf(
  clients: SourceClients,
  plan: {
    readonly definition: Pick<PipelineDefinition, 'source'>;
    readonly source: { readonly export?: PlannedExport | undefined };
  },
): Source {
  const planned = plan.source.export;
  return planned === undefined
    ? scanSource(clients.source, plan.definition.source)
    : exportSource(clients.store(planned.bucket), planned);
}
