import type { Check } from '../../contract/maintenance.ts';
import { count, counted } from '../../pipeline/text/measures.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { Checklist } from './checklist.ts';

/** Fewer tries than this, and a file may be given up because a worker was restarted. */
const FEW_RECEIVES = 3;

/**
 * A queue that announces files: it answers, and has a dead-letter queue.
 * @param without how files are found if there is no queue
 */
export async function checkQueue(
  deps: Dependencies,
  url: string | undefined,
  without: string,
  signal: AbortSignal,
): Promise<Check[]> {
  const list = new Checklist('SQS', signal);
  if (url === undefined) {
    list.add('queue', { found: `none: ${without}` });
    return list.checks;
  }
  const queue = deps.queue(url);
  const reached = await list.ask('queue', async (limited) => {
    const { visible, inFlight } = await queue.counts({ signal: limited });
    return { found: `${url}: ${counted(visible, 'message')} waiting, ${count(inFlight)} in flight` };
  });
  if (!reached) return list.checks;
  await list.ask('dead-letter queue', async (limited) => {
    const redrive = await queue.redrive({ signal: limited });
    if (redrive === undefined) {
      return {
        state: 'warning',
        found: 'none: a message that nothing can read comes back until it expires',
        whatToDo: 'Give the queue a redrive policy with a maxReceiveCount of 5: docs/loaders.md shows how.',
      };
    }
    const { deadLetterQueueArn, maxReceiveCount } = redrive;
    const found = `${deadLetterQueueArn}, after ${counted(maxReceiveCount, 'receive')}`;
    if (maxReceiveCount >= FEW_RECEIVES) return { found };
    return {
      ...{ state: 'warning', found },
      whatToDo:
        'Raise maxReceiveCount to 5: a worker that is restarted a few times would give up good messages. The listing finds their files.',
    };
  });
  return list.checks;
}
