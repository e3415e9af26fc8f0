import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { WorkflowHandle } from '@temporalio/client';
import { findPart } from '../../../local/parts/find-part.ts';
import { temporal } from '../../../local/parts/temporal.ts';
import { QUERY_PROGRESS } from '../../../src/contract/refresh.ts';
import { command, type Ended } from '../cli/command-line.ts';
import { testStack } from '../setup/stack.ts';
import type { Harness } from './harness.ts';
import { until } from './until.ts';

const run = promisify(execFile);

/** An operator who has only Temporal's command line and Tributary's. */
export class Operator {
  readonly #harness: Harness;

  constructor(harness: Harness) {
    this.#harness = harness;
  }

  /** The stock `temporal`. @returns its stdout. */
  async temporal(...words: string[]): Promise<string> {
    const { path } = await findPart(temporal, { log: () => {} });
    const where = ['--address', testStack().temporal.address, '--namespace', this.#harness.namespace];
    return (await run(path, [...words, ...where])).stdout;
  }

  /** `npx tributary …` */
  tributary(...words: string[]): Promise<Ended> {
    return command(words, {
      ...this.#harness.environment,
      TRIBUTARY_TEMPORAL_NAMESPACE: this.#harness.namespace,
    });
  }

  /** Resets a workflow to the point that `how` names; default: its beginning. */
  reset(workflowId: string, ...how: string[]): Promise<string> {
    const point = how.length > 0 ? how : ['--type', 'FirstWorkflowTask'];
    return this.temporal('workflow', 'reset', '--workflow-id', workflowId, ...point, '--reason', 'by a test');
  }

  /** Starts a closed child again by its id, with the input that its history shows. */
  async startAgain(workflowId: string): Promise<void> {
    const { events } = await this.#harness.client.workflow.getHandle(workflowId).fetchHistory();
    const { workflowType, input } = events?.[0]?.workflowExecutionStartedEventAttributes ?? {};
    await this.temporal(
      ...['workflow', 'start', '--type', String(workflowType?.name), '--task-queue', 'tributary'],
      ...['--workflow-id', workflowId],
      ...['--input', Buffer.from(input?.payloads?.[0]?.data as Uint8Array).toString('utf8')],
    );
  }

  /** Sends an update. @returns its answer. */
  async update(workflowId: string, name: string, argument?: string | number): Promise<string> {
    const said = await this.temporal(
      ...['workflow', 'update', 'execute', '--workflow-id', workflowId, '--name', name, '--output', 'json'],
      ...(argument === undefined ? [] : ['--input', JSON.stringify(argument)]),
    );
    return (JSON.parse(said) as { result: string }).result;
  }

  async signal(workflowId: string, name: string, argument?: string | number): Promise<void> {
    await this.temporal(
      ...['workflow', 'signal', '--workflow-id', workflowId, '--name', name],
      ...(argument === undefined ? [] : ['--input', JSON.stringify(argument)]),
    );
  }

  /** The current details, as the Web UI shows them. */
  async currentDetails(workflowId: string): Promise<string> {
    const said = await this.temporal('workflow', 'metadata', '--workflow-id', workflowId, '--output', 'json');
    return (
      (JSON.parse(said) as { queryResult: { currentDetails: string }[] }).queryResult[0]?.currentDetails ?? ''
    );
  }

  memo(workflowId: string): Promise<Record<string, unknown> | undefined> {
    return this.#harness.client.workflow
      .getHandle(workflowId)
      .describe()
      .then((found) => found.memo);
  }

  /** Waits until the workflow waits for an operator. @returns its progress. */
  parked<T extends { readonly state: string }>(handle: WorkflowHandle): Promise<T> {
    return until(
      () => handle.query<T>(QUERY_PROGRESS),
      ({ state }) => state === 'waiting',
    );
  }

  /** Waits until the newest run of a workflow id is in that state, e.g. `CANCELLED`. */
  async ended(workflowId: string, status: string): Promise<void> {
    await until(
      async () => (await this.#harness.client.workflow.getHandle(workflowId).describe()).status.name,
      (found) => found === status,
    );
  }

  /** The open workflows whose ids are below another's: its children, no matter who started them. */
  async openBelow(workflowId: string): Promise<string[]> {
    const query = `WorkflowId STARTS_WITH "${workflowId}/" AND ExecutionStatus="Running"`;
    const open: string[] = [];
    for await (const one of this.#harness.client.workflow.list({ query })) open.push(one.workflowId);
    return open;
  }

  /** The points to which a run can be reset: just before each of these activities or children. */
  async pointsBefore(handle: WorkflowHandle, ...steps: string[]): Promise<string[]> {
    const { events } = await handle.fetchHistory();
    return steps.map((step) => {
      for (const event of events ?? []) {
        const activity = event.activityTaskScheduledEventAttributes;
        const child = event.startChildWorkflowExecutionInitiatedEventAttributes;
        if (activity?.activityType?.name === step) return String(activity.workflowTaskCompletedEventId);
        if (child?.workflowType?.name === step) return String(child.workflowTaskCompletedEventId);
      }
      throw new Error(`${handle.workflowId} has no ${step} in its history`);
    });
  }
}
