import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  CancellationScope,
  type ChildWorkflowHandle,
  isCancellation,
  sleep,
  type Workflow,
} from '@temporalio/workflow';
import { rootCause } from '../../contract/failure.ts';

/** Children running at once. */
const WINDOW = 50;
/** How long a child waits whose id another run's child has: twice as long each time. */
const [FIRST_WAIT_MS, LONGEST_WAIT_MS] = [1_000, 256_000];

/** How a child ended. */
export type ChildOutcome<Output> =
  | { readonly kind: 'done'; readonly output: Output }
  | { readonly kind: 'failed'; readonly code: string; readonly error: string };

/**
 * Runs a child for each element, a window at a time. One that fails, or that an operator ends, costs the others nothing. One whose id
 * another run's child has starts once that has ended: it then finds done what the other did.
 * @param ended called as each of them ends
 */
export async function runChildren<Element, Output>(
  elements: readonly Element[],
  start: (element: Element) => Promise<ChildWorkflowHandle<Workflow>>,
  ended: (element: Element, outcome: ChildOutcome<Output>) => void,
): Promise<void> {
  const next = elements[Symbol.iterator]();
  const lane = async () => {
    for (let found = next.next(); !found.done; found = next.next()) {
      ended(found.value, await outcomeOf<Output>(() => start(found.value as Element)));
    }
  };
  await Promise.all(Array.from({ length: Math.min(WINDOW, elements.length) }, lane));
}

/** How a child ends that is started in turn. */
export async function outcomeOf<Output>(
  start: () => Promise<ChildWorkflowHandle<Workflow>>,
): Promise<ChildOutcome<Output>> {
  try {
    const child = await startedInTurn(start);
    return { kind: 'done', output: (await child.result()) as Output };
  } catch (error) {
    if (isCancellation(error) && CancellationScope.current().consideredCancelled) throw error;
    const { type, message } = rootCause(error);
    return { kind: 'failed', code: type, error: message };
  }
}

async function startedInTurn(
  start: () => Promise<ChildWorkflowHandle<Workflow>>,
): Promise<ChildWorkflowHandle<Workflow>> {
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS)) {
    try {
      return await start();
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      await sleep(waitMs);
    }
  }
}
