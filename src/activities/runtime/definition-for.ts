import { Terminal } from '../../clients/errors.ts';
import { PipelineDefinition } from '../../pipeline/definition/pipeline-definition.ts';
import type { Dependencies } from './dependencies.ts';

/** The definition in the workflow's input or, if absent, the one of that name in the worker's configuration. */
export async function definitionFor(
  deps: Dependencies,
  request: { readonly pipeline: string; readonly definition?: PipelineDefinition | undefined },
): Promise<PipelineDefinition> {
  if (typeof request.pipeline !== 'string' || request.pipeline === '') {
    throw new Terminal(
      'BadInput',
      'The workflow\'s input does not name a pipeline. Example: {"pipeline":"nobel"}.',
    );
  }
  return request.definition === undefined
    ? deps.definitionOf(request.pipeline)
    : PipelineDefinition.parse(request.definition);
}
