import type { Dependencies } from '../../src/activities/runtime/dependencies.ts';
import type { ObjectStore } from '../../src/clients/object-store.ts';
import type { Warehouse } from '../../src/clients/warehouse.ts';

/**
 * The same dependencies without what makes writes repeatable: conditional puts overwrite, files are copied whatever they
 * hold, nothing ends what others have left running in the warehouse, and transactions run without their guards, and
 * without locking or changing a loader's lock row. Promises that hold with them must break without them, or the test
 * proves nothing.
 */
export function unguarded(dependencies: Dependencies): Dependencies {
  return {
    ...dependencies,
    store: (bucket) => withoutConditions(dependencies.store(bucket)),
    warehouse: (target) => withoutGuards(dependencies.warehouse(target)),
  };
}

export function withoutConditions(store: ObjectStore): ObjectStore {
  return {
    ...store,
    putNew: (...given) => store.put(...given),
    putIfMatch: (key, body, _etag, options) => store.put(key, body, options),
    // An absent condition is not sent.
    copy: (from, ...given) => store.copy({ ...from, etag: undefined as never }, ...given),
  };
}

const isGuard = (statement: string) =>
  statement.startsWith('SELECT 1 / (CASE WHEN ') ||
  /^(?:LOCK TABLE|UPDATE) "[^"]+"\."_tributary_lock_/.test(statement);

function withoutGuards(warehouse: Warehouse): Warehouse {
  return {
    ...warehouse,
    running: async () => [],
    submit: (statements, options) =>
      warehouse.submit(
        statements.filter((statement) => !isGuard(statement)),
        options,
      ),
  };
}
