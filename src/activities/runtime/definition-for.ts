import { Terminal } from '../../clients/errors.ts';
import { PipelineDefinition } from '../../pipeline/definition/pipeline-definition.ts';
import type { Dependencies } from './dependencies.ts';

/** The definition that came with a workflow's input, else the one the worker's configuration has by that name. */
export async function definitionFor(
  deps: Dependencies,
  request: { readonly pipeline: string; readonly definition?: PipelineDefinition | undefined },
): Promise<PipelineDefinition> {
  if (typeof request.pipeline !== 'string' || request.pipeline === '') {
    throw new Terminal(
      'BadInput',
      'The workflow\'s input names no pipeline. It looks like {"pipeline":"nobel"}.',
    );
  }
  return request.definition === undefined
    ? deps.definitionOf(request.pipeline)
    : PipelineDefinition.parse(request.definition);
}
