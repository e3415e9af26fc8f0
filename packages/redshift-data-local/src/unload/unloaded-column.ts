import type { FieldDef } from 'pg';
import { NotSupported, RedshiftError } from '../sql/unsupported.ts';

/** A column of the query, with what the files need to know of its type. */
export interface UnloadedColumn {
  readonly name: string;
  readonly kind: Kind;
  /** Of VARCHAR and CHAR, if it is known. */
  readonly length?: number;
  readonly precision?: number;
  readonly scale?: number;
}

type Kind =
  | 'boolean'
  | 'smallint'
  | 'integer'
  | 'bigint'
  | 'real'
  | 'double precision'
  | 'numeric'
  | 'character varying'
  | 'character'
  | 'date'
  | 'timestamp without time zone'
  | 'timestamp with time zone'
  | 'varbyte'
  | 'super';

/** By PostgreSQL's type numbers. */
const KINDS: Readonly<Record<number, Kind>> = {
  16: 'boolean',
  17: 'varbyte',
  20: 'bigint',
  21: 'smallint',
  23: 'integer',
  25: 'character varying',
  700: 'real',
  701: 'double precision',
  1042: 'character',
  1043: 'character varying',
  1082: 'date',
  1114: 'timestamp without time zone',
  1184: 'timestamp with time zone',
  1700: 'numeric',
  3802: 'super',
};

export function unloadedColumns(
  fields: readonly FieldDef[],
  longName: (name: string) => string,
): UnloadedColumn[] {
  return fields.map(({ name, dataTypeID, dataTypeModifier: modifier }) => {
    const kind = KINDS[dataTypeID];
    const own = longName(name);
    if (kind === undefined)
      throw new NotSupported(`UNLOAD of ${own}, a column of PostgreSQL type ${dataTypeID}`);
    if (kind === 'numeric') {
      if (modifier < 4)
        throw new NotSupported(
          `UNLOAD of ${own}, a number without precision and scale: write a cast around the expression`,
        );
      return { name: own, kind, precision: (modifier - 4) >> 16, scale: (modifier - 4) & 0xffff };
    }
    const hasLength = (kind === 'character varying' || kind === 'character') && modifier >= 4;
    return { name: own, kind, ...(hasLength ? { length: modifier - 4 } : {}) };
  });
}

/** AWS, "Unloading a column of the VARBYTE data type": to text or CSV only. */
export function refuseForParquet(columns: readonly UnloadedColumn[]): void {
  const [first] = columns.filter(({ kind }) => kind === 'varbyte' || kind === 'super');
  if (first?.kind === 'varbyte')
    throw new RedshiftError(`UNLOAD of VARBYTE column ${first.name} is not supported in PARQUET`, '0A000');
  if (first !== undefined) throw new NotSupported(`UNLOAD of SUPER column ${first.name} to PARQUET`);
}
