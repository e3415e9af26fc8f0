import type { Client, WorkflowHandle } from '@temporalio/client';
import {
  loadWorkflowId,
  RETRY_SEGMENT,
  RETRY_TABLE,
  type RefreshInput,
  segmentWorkflowId,
} from '../../../src/contract/refresh.ts';
import type { PipelineDefinition } from '../../../src/pipeline/definition/pipeline-definition.ts';
import { ended, resetTo, startWorkflow } from '../workflow-actions.ts';
import type { Recovery, Refused } from './schedule.ts';

interface RunOfInterest {
  readonly client: Client;
  readonly workflowId: string;
  readonly pipeline: string;
  readonly run: string;
  readonly definition: PipelineDefinition;
}

/** What an operator can do to a run with the Web UI or the CLI. Any action may come too late; then it does nothing. */
export class Operator {
  readonly #run: RunOfInterest;
  readonly #seconds: WorkflowHandle[] = [];

  constructor(run: RunOfInterest) {
    this.#run = run;
  }

  get #parent(): WorkflowHandle {
    return this.#run.client.workflow.getHandle(this.#run.workflowId);
  }

  async askForRetry(by: 'update' | 'signal', what: Refused['what'] = { segment: 0 }): Promise<void> {
    const message = 'segment' in what ? RETRY_SEGMENT : RETRY_TABLE;
    if (by === 'signal') await this.#parent.signal(message);
    else await this.#parent.executeUpdate(message, { args: [] });
  }

  async resetSegment(segment: number): Promise<void> {
    await this.#reset(segmentWorkflowId(this.#run.workflowId, segment));
  }

  /** @param fraction the point in the history so far; 0 is its first workflow task */
  async resetRun(fraction: number): Promise<void> {
    await this.#reset(this.#run.workflowId, fraction);
  }

  /** Recovers a parked child in one of the ways, each of which is enough. */
  async bringHome(what: Refused['what'], table: string, way: Recovery): Promise<void> {
    const { workflowId, pipeline, run, definition } = this.#run;
    const { staging, warehouse } = definition;
    const id =
      'segment' in what ? segmentWorkflowId(workflowId, what.segment) : loadWorkflowId(workflowId, table);
    switch (way) {
      case 'update':
      case 'signal':
        return this.askForRetry(way, what);
      case 'reset':
        return this.#reset(id);
      case 'start':
        await this.#start('segment' in what ? 'extractSegment' : 'loadTable', id, {
          ...{ pipeline, run, staging, parent: workflowId },
          ...('segment' in what ? { segment: what.segment } : { table, warehouse }),
        });
    }
  }

  /** Starts a second workflow for a segment that may be running, as `temporal workflow start` does. */
  async secondSegment(segment: number): Promise<void> {
    const { pipeline, run, definition } = this.#run;
    await this.#second('extractSegment', { pipeline, run, segment, staging: definition.staging });
  }

  /** Loads some segments' files into a table that may be loading. @returns once that has ended, in any state. */
  async loadSegments(table: string, segments: readonly number[]): Promise<void> {
    const { pipeline, run, definition } = this.#run;
    const { staging, warehouse } = definition;
    await ended(await this.#second('loadTable', { pipeline, run, table, staging, warehouse, segments }));
  }

  async secondReplace(): Promise<void> {
    const { pipeline, run, definition } = this.#run;
    await this.#second('refreshWarehouse', {
      pipeline,
      run,
      definition,
      from: 'replace',
    } satisfies RefreshInput);
  }

  /** Waits until the workflows that it started beside the run have ended, whatever their outcome. */
  async secondsEnded(): Promise<void> {
    await Promise.all(this.#seconds.map(ended));
  }

  async #second(type: string, input: object): Promise<WorkflowHandle> {
    const id = `second-${type}-${this.#seconds.length}-of-${this.#run.workflowId}`;
    const handle = await this.#start(type, id, input);
    this.#seconds.push(handle);
    return handle;
  }

  #start(type: string, workflowId: string, input: object): Promise<WorkflowHandle> {
    return startWorkflow(this.#run.client, type, workflowId, input);
  }

  #reset = (workflowId: string, fraction = 0) => resetTo(this.#run.client, workflowId, fraction);
}
