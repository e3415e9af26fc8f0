import type { ChildProcess } from 'node:child_process';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { createAnnouncedQueue } from '../../../local/stack/announced-queue.ts';
import { controlSqs } from '../../../local/stack/control-sqs.ts';
import type { MessageQueue } from '../../../src/clients/message-queue.ts';
import type { ObjectStore } from '../../../src/clients/object-store.ts';
import { loaderWorkflowId, SIGNAL_HINT, watchWorkflowId } from '../../../src/contract/loader/loader.ts';
import type { WatchProgress } from '../../../src/contract/loader/watch.ts';
import { CONTROL_TASK_QUEUE, QUERY_PROGRESS } from '../../../src/contract/refresh.ts';
import { inboxLocation } from '../../../src/pipeline/loader/inbox-pages.ts';
import { LoaderDefinition } from '../../../src/pipeline/loader/loader-definition.ts';
import { inboxDirectory, unmatchedKey } from '../../../src/pipeline/loader/loader-directory.ts';
import { InboxPage } from '../../../src/pipeline/loader/loader-documents.ts';
import type { SourceFile } from '../../../src/pipeline/loader/source-file.ts';
import { watchedBy } from '../../../src/pipeline/loader/watched.ts';
import { UnmatchedFiles } from '../../../src/store/loader/unmatched-files.ts';
import type { WorkerDependencies } from '../../../src/workers/dependencies.ts';
import type { watchFiles } from '../../../src/workflows/loader/watch-files.ts';
import { type Harness, uniqueName } from '../pipeline/harness.ts';
import { until } from '../pipeline/until.ts';
import type { WorkerProcesses } from '../pipeline/worker-process.ts';
import { testStack } from '../setup/stack.ts';

/** Loaders of a test, on the real stack, and what is in their inboxes. */
export class WatchedLoaders {
  readonly harness: Harness;
  readonly store: ObjectStore;
  /** The prefix of this test's files. */
  readonly prefix = `${uniqueName('landing')}/`;
  readonly definitions: Record<string, LoaderDefinition> = {};
  readonly dependencies: WorkerDependencies;

  constructor(harness: Harness) {
    this.harness = harness;
    this.store = harness.store;
    this.dependencies = { ...harness.dependencies, loaders: async () => ({ ...this.definitions }) };
  }

  /**
   * Defines a loader of files below this test's prefix, with a table of its own. Its workflow is started where no worker
   * polls: it takes nothing from the inbox, and its history has the hints.
   */
  async define(source: Record<string, unknown> = {}, more: Record<string, unknown> = {}): Promise<string> {
    const name = uniqueName('l');
    const { workgroup, database } = testStack().redshiftData;
    const { bucket } = testStack().s3;
    this.definitions[name] = LoaderDefinition.parse({
      source: { bucket, prefix: this.prefix, ...source },
      format: { kind: 'csv' },
      target: { workgroup, database, schema: 'landing', table: name, iamRole: 'default' },
      staging: { bucket, prefix: 'test-loaders' },
      ...more,
    });
    await this.harness.client.workflow.start('loadFiles', {
      workflowId: loaderWorkflowId(this.definitions[name].target),
      taskQueue: uniqueName('nowhere'),
      args: [{ loader: name }],
    });
    return name;
  }

  change(loader: string, source: Partial<LoaderDefinition['source']>): void {
    const definition = this.definitions[loader]!;
    this.definitions[loader] = { ...definition, source: { ...definition.source, ...source } };
  }

  /** When the loader's workflow was given hints, in milliseconds since 1970. */
  async hints(loader: string): Promise<number[]> {
    const workflowId = loaderWorkflowId(this.definitions[loader]!.target);
    const { events } = await this.harness.client.workflow.getHandle(workflowId).fetchHistory();
    return (events ?? [])
      .filter(({ workflowExecutionSignaledEventAttributes: signal }) => signal?.signalName === SIGNAL_HINT)
      .map(({ eventTime }) => Number(eventTime?.seconds) * 1000 + Number(eventTime?.nanos ?? 0) / 1e6);
  }

  /** A queue, with a dead-letter queue, to which everything below this test's prefix is announced. */
  async createQueue(maxReceiveCount = 5): Promise<{ readonly url: string; readonly dead: MessageQueue }> {
    const queue = await createAnnouncedQueue(testStack(), {
      ...{ name: uniqueName('q'), prefix: this.prefix, maxReceiveCount },
    });
    this.harness.onClose(() => queue.remove());
    return { url: queue.url, dead: this.harness.dependencies.queue(queue.deadLetterUrl) };
  }

  /** Sends messages, ten at a time. */
  async send(url: string, ...bodies: string[]): Promise<void> {
    const { accessKeyId, secretAccessKey } = testStack().s3;
    const client = new SQSClient({
      endpoint: testStack().sqs.endpoint,
      region: testStack().dynamodb.region,
      credentials: { accessKeyId, secretAccessKey },
    });
    for (let start = 0; start < bodies.length; start += 10) {
      const some = bodies.slice(start, start + 10);
      const Entries = some.map((MessageBody, i) => ({ Id: String(i), MessageBody }));
      await client.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }));
    }
    client.destroy();
  }

  /** What S3 would announce of a file with this name. */
  event(name: string): string {
    const object = { key: encodeURIComponent(`${this.prefix}${name}`), size: 10, eTag: `etag-of-${name}` };
    const s3 = { bucket: { name: this.store.bucket }, object };
    return JSON.stringify({ Records: [{ eventSource: 'aws:s3', eventName: 'ObjectCreated:Put', s3 }] });
  }

  /** Some messages are delivered twice, and in any order. */
  async disturb(url: string): Promise<void> {
    await controlSqs(testStack().sqs.endpoint, {
      ...{ method: 'PUT', path: `faults/${nameOf(url)}` },
      body: { duplicate: 0.1, afterDelete: 0.05, shuffle: true, seed: 7 },
    });
  }

  /** Makes the messages in flight visible, as if their time had passed. */
  async expire(url: string): Promise<void> {
    await controlSqs(testStack().sqs.endpoint, { method: 'POST', path: `expire/${nameOf(url)}` });
  }

  /** From now on, nothing is announced to the queue. */
  async announceNothing(url: string): Promise<void> {
    const path = `notifications/${this.store.bucket}/${nameOf(url)}`;
    await controlSqs(testStack().sqs.endpoint, { method: 'DELETE', path });
  }

  /** Removes what is in the queue, such as the test event of a new one. */
  async drain(url: string): Promise<void> {
    const queue = this.harness.dependencies.queue(url);
    for (;;) {
      const messages = await queue.receive({ max: 10, waitSeconds: 1, visibilitySeconds: 60 });
      if (messages.length === 0) return;
      await queue.delete(messages.map(({ receipt }) => receipt));
    }
  }

  async untilEmpty(url: string): Promise<void> {
    const queue = this.harness.dependencies.queue(url);
    await until(
      () => queue.counts(),
      ({ visible, inFlight }) => visible + inFlight === 0,
    );
  }

  /** Starts a worker in a process of its own, with these loaders in its configuration. */
  startProcess(processes: WorkerProcesses, environment: Record<string, string> = {}): ChildProcess {
    return processes.start([], environment, { loaders: this.definitions });
  }

  /** The list of files that no loader of the queue matches. */
  async unmatched(url: string): Promise<UnmatchedFiles> {
    const found = await this.store.get(unmatchedKey('test-loaders', url));
    return UnmatchedFiles.parse(JSON.parse(Buffer.from(found!.body).toString()));
  }

  /** @returns its ETag without quotes */
  async put(name: string, body = name): Promise<string> {
    return (await this.store.put(`${this.prefix}${name}`, body)).replaceAll('"', '');
  }

  async start(loader: string) {
    const workflowId = watchWorkflowId(watchedBy(this.definitions[loader]!));
    return await this.harness.client.workflow.start<typeof watchFiles>('watchFiles', {
      workflowId,
      taskQueue: CONTROL_TASK_QUEUE,
      args: [{ loader }],
    });
  }

  async pages(loader: string): Promise<{ readonly key: string; readonly files: readonly SourceFile[] }[]> {
    const pages = [];
    for await (const { key } of this.store.list(inboxDirectory(inboxLocation(this.definitions[loader]!)))) {
      const found = await this.store.get(key);
      if (found !== undefined)
        pages.push({ key, files: InboxPage.parse(JSON.parse(Buffer.from(found.body).toString())).files });
    }
    return pages;
  }

  /** The names of the files in the loader's inbox, in every page. */
  async waiting(loader: string): Promise<string[]> {
    const pages = await this.pages(loader);
    return pages.flatMap(({ files }) => files.map(({ key }) => key.slice(this.prefix.length))).sort();
  }

  untilWaiting(loader: string, wanted: (names: string[]) => boolean): Promise<string[]> {
    return until(() => this.waiting(loader), wanted);
  }
}

const nameOf = (url: string) => url.slice(url.lastIndexOf('/') + 1);

export const progressOf = (handle: { query<T>(name: string): Promise<T> }): Promise<WatchProgress> =>
  handle.query<WatchProgress>(QUERY_PROGRESS);
