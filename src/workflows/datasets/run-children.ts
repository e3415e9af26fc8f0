import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { type ChildWorkflowHandle, isCancellation, type Workflow } from '@temporalio/workflow';
import { rootCause } from '../../contract/failure.ts';

/** Children running at once. */
const WINDOW = 50;

/** How a child ended. */
export type ChildOutcome<Output> =
  | { readonly kind: 'done'; readonly output: Output }
  | { readonly kind: 'failed'; readonly code: string; readonly error: string }
  /** Another run's child has the id. */
  | { readonly kind: 'under way' };

/**
 * Runs a child for each element, a window at a time. One that fails costs the others nothing.
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

async function outcomeOf<Output>(
  start: () => Promise<ChildWorkflowHandle<Workflow>>,
): Promise<ChildOutcome<Output>> {
  try {
    return { kind: 'done', output: (await (await start()).result()) as Output };
  } catch (error) {
    if (isCancellation(error)) throw error;
    if (error instanceof WorkflowExecutionAlreadyStartedError) return { kind: 'under way' };
    const { type, message } = rootCause(error);
    return { kind: 'failed', code: type, error: message };
  }
}
