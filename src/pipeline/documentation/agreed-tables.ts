import type { Mapping } from '../mapping/mapping.ts';
import type { ManifestColumn, ManifestTable } from '../run/manifest.ts';
import { distributionOf } from '../run/seal/distribution.ts';
import { positionsOf } from '../run/seal/seal.ts';
import type { AgreedSchema } from '../schema/agreed-schema.ts';

/** The tables that a run would create now, if none is live: without counts. */
export function agreedTables({ key, seen, tables }: AgreedSchema, mapping: Mapping): ManifestTable[] {
  return tables.map(({ path, name, columns: agreedColumns }) => {
    const columns = [
      ...key.map(
        (each): ManifestColumn => ({
          ...{ name: each.columnName, type: each.type, role: 'key', path: each.path },
          ...{ form: 'scalar', notNull: true, values: 0 },
        }),
      ),
      ...positionsOf(path, seen).map(
        (position): ManifestColumn => ({
          ...{ name: position.name, type: position.type, role: 'position', path, notNull: true, values: 0 },
        }),
      ),
      ...agreedColumns.map(
        (column): ManifestColumn => ({
          ...{ name: column.name, type: column.type, role: 'value', path: column.path, form: column.form },
          ...{ notNull: false, values: 0 },
        }),
      ),
    ];
    const { distKey, sortKey } = distributionOf(path, name, columns, mapping);
    return {
      ...{ path, name, rows: 0, columns, layouts: {}, files: [] },
      ...(distKey === undefined ? {} : { distKey }),
      ...(sortKey === undefined ? {} : { sortKey }),
    };
  });
}
