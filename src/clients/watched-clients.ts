import type { TableAddress } from '../pipeline/datasets/catalogue/catalogue-table.ts';
import type { Catalogue } from './catalogue.ts';
import type { ChangeStreams } from './change-stream.ts';
import type { MessageQueue } from './message-queue.ts';
import type { ObjectStore } from './object-store.ts';
import type { TableSource } from './table-source.ts';
import type { Waits } from './waits.ts';
import type { Warehouse } from './warehouse.ts';

/** The same clients, but while a service does not answer, the caller's waits say so. */

/** The waits of the caller, at the time of a call. */
type CurrentWaits = () => Waits;

/** @param withinMs how long the service may take by its contract, e.g. because it was asked to wait */
type WaitingFor = <T>(what: string, call: () => Promise<T>, withinMs?: number) => Promise<T>;

const waitingForAnswer =
  (service: string, waits: CurrentWaits): WaitingFor =>
  (what, call, withinMs) => {
    const why = (seconds: string) => `${service} has not answered for ${seconds} (${what})`;
    return waits().during('service', why, call, withinMs);
  };

export function watchedSource(source: TableSource, waits: CurrentWaits): TableSource {
  const waitingFor = waitingForAnswer('DynamoDB', waits);
  return {
    describe: (table, options) =>
      waitingFor(`describe table ${table}`, () => source.describe(table, options)),
    scanPage: (request) =>
      waitingFor(`scan segment ${request.segment} of table ${request.table}`, () => source.scanPage(request)),
  };
}

export function watchedChangeStreams(streams: ChangeStreams, waits: CurrentWaits): ChangeStreams {
  const waitingFor = waitingForAnswer('DynamoDB', waits);
  return {
    streamOf: (table, options) =>
      waitingFor(`find the stream of table ${table}`, () => streams.streamOf(table, options)),
    shards: (arn, options) => waitingFor(`list the shards of ${arn}`, () => streams.shards(arn, options)),
    read(request) {
      const reader = streams.read(request);
      return { next: (options) => waitingFor(`read shard ${request.shard}`, () => reader.next(options)) };
    },
  };
}

export function watchedStore(store: ObjectStore, waits: CurrentWaits): ObjectStore {
  const waitingFor = waitingForAnswer('S3', waits);
  const calls = <T>(verb: string, key: string, call: () => Promise<T>) =>
    waitingFor(`${verb} s3://${store.bucket}/${key}`, call);
  return {
    bucket: store.bucket,
    get: (key, options) => calls('read', key, () => store.get(key, options)),
    put: (key, body, options) => calls('write', key, () => store.put(key, body, options)),
    putNew: (key, body, options) => calls('write', key, () => store.putNew(key, body, options)),
    putIfMatch: (key, body, etag, options) =>
      calls('write', key, () => store.putIfMatch(key, body, etag, options)),
    head: (key, options) => calls('look up', key, () => store.head(key, options)),
    getRange: (key, range, etag, options) =>
      calls('read', key, () => store.getRange(key, range, etag, options)),
    copy: (from, to, options) => calls('copy to', to, () => store.copy(from, to, options)),
    delete: (keys, options) => calls('delete', keys[0] ?? '', () => store.delete(keys, options)),
    async *list(prefix, options) {
      const objects = store.list(prefix, options)[Symbol.asyncIterator]();
      try {
        for (;;) {
          const next = await calls('list', prefix, () => objects.next());
          if (next.done === true) return;
          yield next.value;
        }
      } finally {
        await objects.return?.();
      }
    },
  };
}

export function watchedWarehouse(warehouse: Warehouse, waits: CurrentWaits): Warehouse {
  const waitingFor = waitingForAnswer("Redshift's Data API", waits);
  return {
    slots: warehouse.slots,
    submit: (statements, options) =>
      waitingFor(`submit ${options.name}`, () => warehouse.submit(statements, options)),
    submitInSession: (sql, options) =>
      waitingFor(`submit ${options.name}`, () => warehouse.submitInSession(sql, options)),
    describe: (id, options) =>
      waitingFor(
        `describe statement ${id}`,
        () => warehouse.describe(id, options),
        (options?.waitSeconds ?? 0) * 1000,
      ),
    rows: (id, n, options) =>
      waitingFor(`read the result of statement ${id}`, () => warehouse.rows(id, n, options)),
    cancel: (id) => waitingFor(`cancel statement ${id}`, () => warehouse.cancel(id)),
    running: (name, options) => waitingFor(`list ${name}`, () => warehouse.running(name, options)),
  };
}

export function watchedCatalogue(catalogue: Catalogue, waits: CurrentWaits): Catalogue {
  const waitingFor = waitingForAnswer('Glue', waits);
  const calls = <T>(verb: string, { database, table }: TableAddress, call: () => Promise<T>) =>
    waitingFor(`${verb} ${database}.${table}`, call);
  return {
    createDatabase: (name, options) =>
      waitingFor(`create database ${name}`, () => catalogue.createDatabase(name, options)),
    table: (address, options) => calls('read', address, () => catalogue.table(address, options)),
    createTable: (address, table, options) =>
      calls('create', address, () => catalogue.createTable(address, table, options)),
    updateTable: (address, table, options) =>
      calls('update', address, () => catalogue.updateTable(address, table, options)),
    async *partitions(address, options) {
      const partitions = catalogue.partitions(address, options)[Symbol.asyncIterator]();
      try {
        for (;;) {
          const next = await calls('list partitions of', address, () => partitions.next());
          if (next.done === true) return;
          yield next.value;
        }
      } finally {
        await partitions.return?.();
      }
    },
    createPartitions: (address, partitions, options) =>
      calls('add partitions to', address, () => catalogue.createPartitions(address, partitions, options)),
    updatePartitions: (address, partitions, options) =>
      calls('update partitions of', address, () => catalogue.updatePartitions(address, partitions, options)),
    deletePartitions: (address, values, options) =>
      calls('delete partitions of', address, () => catalogue.deletePartitions(address, values, options)),
  };
}

export function watchedQueue(queue: MessageQueue, waits: CurrentWaits): MessageQueue {
  const waitingFor = waitingForAnswer('SQS', waits);
  const { url } = queue;
  return {
    url,
    receive: (options) =>
      waitingFor(`receive from ${url}`, () => queue.receive(options), options.waitSeconds * 1000),
    delete: (receipts, options) => waitingFor(`delete from ${url}`, () => queue.delete(receipts, options)),
    extend: (receipts, seconds, options) =>
      waitingFor(`hide messages of ${url}`, () => queue.extend(receipts, seconds, options)),
    counts: (options) => waitingFor(`count the messages of ${url}`, () => queue.counts(options)),
    redrive: (options) => waitingFor(`read the attributes of ${url}`, () => queue.redrive(options)),
  };
}
