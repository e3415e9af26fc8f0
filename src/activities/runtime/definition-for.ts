import { Terminal } from '../../clients/errors.ts';
import { destinationOf } from '../../pipeline/definition/pipeline.ts';
import { PipelineDefinition } from '../../pipeline/definition/pipeline-definition.ts';
import type { Plan } from '../../pipeline/run/plan.ts';
import type { Dependencies } from './dependencies.ts';

interface Request {
  readonly pipeline: string;
  readonly destination?: string | undefined;
  readonly definition?: PipelineDefinition | undefined;
}

/**
 * The definition in the workflow's input or, if absent, that of the destination in the worker's configuration.
 * @throws Terminal `BadInput`; `UnknownPipeline`, `UnknownDestination`, `WhichDestination`
 */
export async function definitionFor(
  deps: Pick<Dependencies, 'definitionOf'>,
  { pipeline, destination, definition }: Request,
): Promise<PipelineDefinition> {
  if (typeof pipeline !== 'string' || pipeline === '') {
    throw new Terminal(
      'BadInput',
      'The workflow\'s input does not name a pipeline. Example: {"pipeline":"nobel"}.',
    );
  }
  if (definition === undefined) return deps.definitionOf(pipeline, destination);
  const sent = PipelineDefinition.parse(definition);
  if (destination === undefined || destination === destinationOf(sent)) return sent;
  throw new Terminal(
    'BadInput',
    `The input names destination ${destination}, but its definition is of destination ${destinationOf(sent)}.`,
  );
}

/**
 * The definition by which a run that exists is continued, or replayed: of the destination that its plan names.
 * @throws Terminal `BadInput` if the request names another; and as `definitionFor`
 */
export async function definitionForRun(
  deps: Pick<Dependencies, 'definitionOf'>,
  request: Request,
  { run, definition: planned }: Pick<Plan, 'run' | 'definition'>,
): Promise<PipelineDefinition> {
  const destination = destinationOf(planned);
  const definition = await definitionFor(deps, { destination, ...request });
  if (destinationOf(definition) === destination) return definition;
  throw new Terminal(
    'BadInput',
    `Run ${run} of ${request.pipeline} is for destination ${destination}, not ${destinationOf(definition)}: its files hold what ` +
      'that destination gets. Omit the destination, or start a new run.',
  );
}
