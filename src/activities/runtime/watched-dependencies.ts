import type { ObjectStore } from '../../clients/object-store.ts';
import type { TableSource } from '../../clients/table-source.ts';
import type { Warehouse } from '../../clients/warehouse.ts';
import { ActivityRecord } from './activity-record.ts';
import type { Dependencies } from './dependencies.ts';

/**
 * The same dependencies, but while a service does not answer, the heartbeats of the activity that called it say so. The
 * clients retry for minutes before they report a failure.
 */
export function watchedDependencies<Deps extends Dependencies>(deps: Deps): Deps {
  return {
    ...deps,
    source: watchedSource(deps.source),
    store: (bucket) => watchedStore(deps.store(bucket)),
    warehouse: (target) => watchedWarehouse(deps.warehouse(target)),
  };
}

/** @param withinMs how long the service may take by its contract, e.g. because it was asked to wait */
function waitingFor<T>(service: string, what: string, call: () => Promise<T>, withinMs = 0): Promise<T> {
  const { waits } = ActivityRecord.current();
  const why = (seconds: string) => `${service} has not answered for ${seconds} (${what})`;
  return waits.during('service', why, call, withinMs);
}

function watchedSource(source: TableSource): TableSource {
  const service = 'DynamoDB';
  return {
    describe: (table, options) =>
      waitingFor(service, `describe table ${table}`, () => source.describe(table, options)),
    scanPage: (request) =>
      waitingFor(service, `scan segment ${request.segment} of table ${request.table}`, () =>
        source.scanPage(request),
      ),
  };
}

function watchedStore(store: ObjectStore): ObjectStore {
  const calls = <T>(verb: string, key: string, call: () => Promise<T>) =>
    waitingFor('S3', `${verb} s3://${store.bucket}/${key}`, call);
  return {
    bucket: store.bucket,
    get: (key, options) => calls('read', key, () => store.get(key, options)),
    put: (key, body, options) => calls('write', key, () => store.put(key, body, options)),
    putNew: (key, body, options) => calls('write', key, () => store.putNew(key, body, options)),
    putIfMatch: (key, body, etag, options) =>
      calls('write', key, () => store.putIfMatch(key, body, etag, options)),
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

function watchedWarehouse(warehouse: Warehouse): Warehouse {
  const service = "Redshift's Data API";
  return {
    slots: warehouse.slots,
    submit: (statements, options) =>
      waitingFor(service, `submit ${options.name}`, () => warehouse.submit(statements, options)),
    submitInSession: (sql, options) =>
      waitingFor(service, `submit ${options.name}`, () => warehouse.submitInSession(sql, options)),
    describe: (id, options) =>
      waitingFor(
        service,
        `describe statement ${id}`,
        () => warehouse.describe(id, options),
        (options?.waitSeconds ?? 0) * 1000,
      ),
    rows: (id, n, options) =>
      waitingFor(service, `read the result of statement ${id}`, () => warehouse.rows(id, n, options)),
    cancel: (id) => waitingFor(service, `cancel statement ${id}`, () => warehouse.cancel(id)),
  };
}
