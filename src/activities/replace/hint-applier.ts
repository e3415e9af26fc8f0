import { Context, log } from '@temporalio/activity';
import { applyWorkflowId, SIGNAL_MORE, SINGLE_DESTINATION } from '../../contract/changes/changes.ts';

const ANSWER_WITHIN_MS = 5_000;

/** Has a destination of changes read the positions of live, which another schema has replaced. It need not run. */
export async function hintApplier(pipeline: string, destination = SINGLE_DESTINATION): Promise<void> {
  const id = applyWorkflowId(pipeline, destination);
  try {
    const { client } = Context.current();
    await client.withDeadline(Date.now() + ANSWER_WITHIN_MS, () =>
      client.workflow.getHandle(id).signal(SIGNAL_MORE),
    );
  } catch (error) {
    log.info('the destination of changes could not be notified', {
      pipeline,
      destination,
      error: String(error),
    });
  }
}
