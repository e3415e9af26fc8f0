import type { Source } from '../../clients/source.ts';
import type { TableSource } from '../../clients/table-source.ts';
import type { PipelineDefinition } from '../../pipeline/definition/pipeline-definition.ts';
import { scanSource } from './scan-source.ts';

/** What a run or an inference reads, by its plan. */
export function sourceOf(
  { source }: { readonly source: TableSource },
  { definition }: { readonly definition: Pick<PipelineDefinition, 'source'> },
): Source {
  return scanSource(source, definition.source);
}
