import { columnIdentity } from '../columns/column-names.ts';
import { type Column, leadingPaths } from '../columns/layout.ts';
import { bytesType, typeSql } from '../columns/redshift-type.ts';
import { bytesAt, keySeen, scalarAt } from '../columns/seen-column.ts';
import { widenedType } from '../columns/widen.ts';
import type { Key } from '../item/key.ts';
import { attributePath, isRoot, type Path, ROOT } from '../item/path.ts';
import { columnMapping, type Mapping } from '../mapping/mapping.ts';
import type { Place, Table } from '../mapping/place.ts';
import { mergeScalars, type ScalarSeen, tableSeen } from '../seen/seen.ts';
import { bytesSeen, scalarSeen, type Tally } from '../seen/tally.ts';
import type { AgreedColumn, AgreedSchema } from './agreed-schema.ts';
import { typeOfTimes } from './type-of-times.ts';

/** A column that what was seen adds to the agreed schema, or whose type it changes. */
export interface Surprise {
  /** The path of its table; of a key attribute, of the table of the items. */
  readonly table: Path;
  readonly column: Column;
}

/** Compares what was seen, place by place, with an agreed schema. */
export class Surprises {
  readonly #schema: AgreedSchema;
  readonly #key: Key;
  readonly #mapping: Mapping;
  readonly #columns: ReadonlyMap<Path, ReadonlyMap<string, AgreedColumn>>;
  readonly #leading = new Map<Path, ReadonlySet<Path>>();

  constructor(schema: AgreedSchema, key: Key, mapping: Mapping) {
    this.#schema = schema;
    this.#key = key;
    this.#mapping = mapping;
    this.#columns = new Map(
      schema.tables.map(({ path, columns }) => [
        path,
        new Map(columns.map((column) => [columnIdentity(column), column])),
      ]),
    );
  }

  /** The surprises at a place. */
  at(table: Table, place: Place): Surprise[] {
    const found: Surprise[] = [];
    const look = (form: Column['form'], tally: Tally | undefined) => {
      for (const each of tally === undefined ? [] : [tally, tally.odd]) {
        if (each === undefined || each.values === 0) continue;
        const surprise = this.#surprise(table.path, { path: place.path, form }, each);
        if (surprise !== undefined) found.push(surprise);
      }
    };
    look('scalar', place.scalars);
    look('bytes', place.bytes);
    look('count', place.counts);
    return found;
  }

  #surprise(table: Path, column: Column, tally: Tally): Surprise | undefined {
    if (column.form === 'scalar' && this.#leadingOf(table).has(column.path))
      return isRoot(table) ? this.#keySurprise(table, column.path, tally) : undefined;
    const agreed = this.#columns.get(table)?.get(columnIdentity(column));
    if (agreed === undefined) return { table, column };
    const ever = tableSeen(this.#schema.seen, table);
    if (column.form === 'bytes') {
      const before = bytesAt(ever, column.path);
      const { maxBytes, values } = bytesSeen(tally);
      const after = bytesType({ maxBytes: Math.max(maxBytes, before?.maxBytes ?? 0), values });
      return typeSql(after) === typeSql(agreed.type) ? undefined : { table, column };
    }
    const wanted = columnMapping(this.#mapping, column.path);
    if (column.form === 'count' || wanted?.type !== undefined || wanted?.timestamp === false)
      return undefined;
    const hadValue = agreed.lastSeen !== undefined;
    const now = scalarSeen(tally);
    if (wanted?.epoch !== undefined && !now.kinds.includes('N')) {
      const all = scalarAt(ever, column.path);
      const after = typeOfTimes(
        hadValue ? agreed.type : undefined,
        now,
        all === undefined ? now : mergeScalars(all, now),
      );
      return typeSql(after) === typeSql(agreed.type) ? undefined : { table, column };
    }
    return isAnother(agreed.type, hadValue, now, scalarAt(ever, column.path), 'value')
      ? { table, column }
      : undefined;
  }

  #keySurprise(table: Path, path: Path, tally: Tally): Surprise | undefined {
    const attribute = this.#key.find(({ name }) => attributePath(table, name) === path);
    const agreed = this.#schema.key.find(({ name }) => name === attribute?.name);
    if (attribute === undefined || agreed === undefined) return undefined;
    const ever = keySeen(this.#schema.seen, attribute.name);
    const column: Column = { path: agreed.path, form: 'scalar' };
    return isAnother(agreed.type, ever !== undefined, scalarSeen(tally), ever, 'key')
      ? { table: ROOT, column }
      : undefined;
  }

  #leadingOf(table: Path): ReadonlySet<Path> {
    let leading = this.#leading.get(table);
    if (leading === undefined) {
      leading = leadingPaths(table, this.#key);
      this.#leading.set(table, leading);
    }
    return leading;
  }
}

function isAnother(
  type: AgreedColumn['type'],
  hadValue: boolean,
  now: ScalarSeen,
  ever: ScalarSeen | undefined,
  role: 'key' | 'value',
): boolean {
  const all = ever === undefined ? now : mergeScalars(ever, now);
  return typeSql(widenedType(hadValue ? type : undefined, now, all, role)) !== typeSql(type);
}
