/** Generated part files of one shape. */
export interface CopyShape {
  readonly name: string;
  /** As CREATE TABLE lists them. */
  readonly columns: string;
  readonly nullAs: string;
  /** The CSV of rows `from` to `to`, always the same. */
  csv(from: number, to: number): Buffer;
}

/** A field as Tributary writes it: NULL is bare, everything else is quoted. */
type Field = string | null;

const WORDS =
  'order customer shipped pending Zürich München東京 price total note “fragile” left at the door of number'.split(
    ' ',
  );

/** Numbers that look random and depend on the row and the field only. */
function mixed(row: number, field: number): number {
  let x = (row * 2_654_435_761 + field * 40_503 + 12_345) >>> 0;
  x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d) >>> 0;
  x = Math.imul(x ^ (x >>> 12), 0x297a2d39) >>> 0;
  return (x ^ (x >>> 15)) >>> 0;
}

function words(row: number, field: number, count: number): string {
  return Array.from({ length: count }, (_, i) => WORDS[mixed(row, field * 31 + i) % WORDS.length]).join(' ');
}

const hex = (row: number, field: number, bytes: number) =>
  Array.from({ length: bytes }, (_, i) =>
    (mixed(row, field * 17 + i) & 0xff).toString(16).padStart(2, '0'),
  ).join('');

function timestamp(row: number, field: number): string {
  return new Date(1_600_000_000_000 + (mixed(row, field) % 150_000_000) * 1000 + (row % 1000)).toISOString();
}

/** A value for a column of this type. */
function value(type: string, row: number, field: number): string {
  const random = mixed(row, field);
  switch (type.replace(/\(.*/, '')) {
    case 'BIGINT':
      return String(random * (row % 7 === 0 ? 1_000_003 : 1));
    case 'INTEGER':
      return String(random % 100_000);
    case 'DECIMAL':
      return `${random % 3 === 0 ? '-' : ''}${random % 1_000_000}.${String(random % 10_000).padStart(4, '0')}`;
    case 'BOOLEAN':
      return random % 2 === 0 ? 'true' : 'false';
    case 'TIMESTAMPTZ':
      return timestamp(row, field);
    case 'DATE':
      return timestamp(row, field).slice(0, 10);
    case 'VARBYTE':
      return hex(row, field, 16);
    case 'DOUBLE PRECISION':
      return String(random / 1000);
    case 'SUPER':
      return JSON.stringify({
        id: random,
        tags: [words(row, field, 1), words(row, field + 1, 2)],
        at: { street: words(row, field + 2, 3), geo: [random / 1e7, -random / 1e8], open: true, until: null },
        quote: 'say "hi"\n',
      });
    default:
      return type === 'VARCHAR(64)'
        ? `ENTITY#${random.toString(36)}#${row}`
        : words(row, field, 1 + (random % (type === 'VARCHAR(4096)' ? 60 : 4)));
  }
}

function quotedLine(fields: readonly Field[], nullAs: string): string {
  return `${fields
    .map((field) => {
      if (field === null) return nullAs;
      return field.includes('"') ? `"${field.replaceAll('"', '""')}"` : `"${field}"`;
    })
    .join(',')}\n`;
}

function shape(
  name: string,
  types: readonly string[],
  nullAs: string,
  isNull: (row: number, column: number) => boolean,
): CopyShape {
  return {
    name,
    columns: types.map((type, column) => `c${column} ${type}`).join(', '),
    nullAs,
    csv(from, to) {
      const parts: Buffer[] = [];
      for (let row = from; row < to; row++) {
        const fields = types.map((type, column) => (isNull(row, column) ? null : value(type, row, column)));
        parts.push(Buffer.from(quotedLine(fields, nullAs)));
      }
      return Buffer.concat(parts);
    },
  };
}

const ENTITY = [
  'VARCHAR(64)',
  'VARCHAR(64)',
  'VARCHAR(256)',
  'BIGINT',
  'DECIMAL(18,4)',
  'VARCHAR(128)',
  'BOOLEAN',
  'TIMESTAMPTZ',
  'VARCHAR(512)',
  'BIGINT',
  'VARCHAR(64)',
  'DECIMAL(38,4)',
  'VARCHAR(64)',
  'TIMESTAMPTZ',
  'VARCHAR(256)',
  'DATE',
];
const ENTITIES = 5;
/** The columns of five entities beside one another, and their common keys. */
const SINGLE_TABLE = [
  'VARCHAR(64)',
  'VARCHAR(64)',
  ...Array.from({ length: ENTITIES }, () => [...ENTITY.slice(2), 'BOOLEAN', 'BIGINT', 'VARCHAR(64)']).flat(),
];

export const copyShapes: readonly CopyShape[] = [
  // The root table of a single-table design, all entities in one layout: most fields are NULL.
  shape('single-table', SINGLE_TABLE, '~NULL~', (row, column) => {
    if (column < 2) return false;
    const width = (SINGLE_TABLE.length - 2) / ENTITIES;
    return Math.floor((column - 2) / width) !== row % ENTITIES || mixed(row, column) % 10 === 0;
  }),
  // The rows of one entity in a layout of their own.
  shape('one-entity', ENTITY, '\u0001', (row, column) => column > 1 && mixed(row, column) % 20 === 0),
  // A list's table: the parent's key, the position and a value.
  shape(
    'child',
    ['VARCHAR(64)', 'VARCHAR(64)', 'INTEGER', 'VARCHAR(64)', 'DECIMAL(18,4)'],
    '~NULL~',
    () => false,
  ),
  shape(
    'documents',
    ['VARCHAR(64)', 'SUPER', 'VARCHAR(4096)', 'VARCHAR(4096)', 'SUPER', 'VARBYTE(64)'],
    '~NULL~',
    (row, column) => column > 0 && mixed(row, column) % 5 === 0,
  ),
];
