import type { StreamOfTable } from '../../clients/change-stream.ts';
import { Terminal } from '../../clients/errors.ts';
import { VIEW_TYPES, type ViewType } from '../../pipeline/changes/log-documents.ts';
import type { Dependencies } from './dependencies.ts';

/**
 * The table's stream, whose changes can be applied.
 * @throws Terminal `StreamDisabled`, `StreamViewUnfit`; those of `streamOf`
 */
export async function usableStream(
  deps: Pick<Dependencies, 'changeStreams'>,
  table: string,
  signal: AbortSignal,
): Promise<StreamOfTable & { readonly viewType: ViewType }> {
  const stream = await deps.changeStreams.streamOf(table, { signal });
  if (stream === undefined) throw disabled(table);
  return { ...stream, viewType: fitting(table, stream.viewType) };
}

function disabled(table: string): Terminal {
  return new Terminal(
    'StreamDisabled',
    `DynamoDB table ${table} has no stream, so its changes cannot be followed. Enable one with the view type NEW_IMAGE or ` +
      `NEW_AND_OLD_IMAGES: aws dynamodb update-table --table-name ${table} ` +
      '--stream-specification StreamEnabled=true,StreamViewType=NEW_IMAGE',
  );
}

function fitting(table: string, viewType: string): ViewType {
  const found = VIEW_TYPES.find((each) => each === viewType);
  if (found !== undefined) return found;
  throw new Terminal(
    'StreamViewUnfit',
    `The stream of DynamoDB table ${table} has the view type ${viewType}, without the new image of an item, so changes ` +
      'cannot be applied. Disable it, and enable one with NEW_IMAGE or NEW_AND_OLD_IMAGES.',
  );
}
