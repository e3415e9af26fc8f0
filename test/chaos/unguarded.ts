import type { Dependencies } from '../../src/activities/runtime/dependencies.ts';
import type { ObjectStore } from '../../src/clients/object-store.ts';
import type { Warehouse } from '../../src/clients/warehouse.ts';

/**
 * The same dependencies without what makes writes repeatable: conditional puts overwrite, and transactions run without
 * their guards. Promises that hold with them must break without them, or the test proves nothing.
 */
export function unguarded(dependencies: Dependencies): Dependencies {
  return {
    ...dependencies,
    store: (bucket) => withoutConditions(dependencies.store(bucket)),
    warehouse: (target) => withoutGuards(dependencies.warehouse(target)),
  };
}

export function withoutConditions(store: ObjectStore): ObjectStore {
  return { ...store, putNew: (...given) => store.put(...given) };
}

const isGuard = (statement: string) => statement.startsWith('SELECT 1 / (CASE WHEN ');

function withoutGuards(warehouse: Warehouse): Warehouse {
  return {
    ...warehouse,
    submit: (statements, options) =>
      warehouse.submit(
        statements.filter((statement) => !isGuard(statement)),
        options,
      ),
  };
}
