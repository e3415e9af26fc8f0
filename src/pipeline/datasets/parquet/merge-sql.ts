import type { TableColumn } from './column-type.ts';
import { isNested } from './column-type.ts';
import { copyTo, orderBy, ROWS_PER_BATCH_GROUP, stageRows } from './copy-rows.ts';
import { canonicalText, literal, quoted, storedType, textList } from './duckdb-sql.ts';
import { FILE, INPUT, PATH, RANK, ROW } from './reserved-columns.ts';

/** Of the rows with one key the greatest stays. */
export interface Deduplication {
  /** NULL in any of them: the row equals no other. */
  readonly key: readonly string[];
  /** Compared before all other columns. */
  readonly newest?: string;
}

/** What a partition has, and what is to change. Paths are local. */
export interface MergeInput {
  readonly columns: readonly TableColumn[];
  readonly sort: readonly string[];
  readonly deduplicate?: Deduplication;
  readonly existing: readonly { readonly path: string; readonly sidePath: string }[];
  /** Files of earlier duplicates. */
  readonly duplicates: readonly string[];
  /** `inputs`: by number within the batch, the partition's number of the input; null: the partition has it already. */
  readonly added: readonly { readonly path: string; readonly inputs: readonly (number | null)[] }[];
  /** Numbers of the inputs whose rows go, because their file was overwritten. */
  readonly dropped: readonly number[];
  /** Compare all rows, because the existing ones were compared by another rule or not at all. */
  readonly compareAll: boolean;
}

/** The statements of a merge, in order: `prepare`, then with the answer of `touchedFiles`, the others. */
export function mergeSql(input: MergeInput) {
  const { columns, deduplicate } = input;
  const names = columns.map(({ name }) => quoted(name));
  const fields = [...names, INPUT].join(', ');
  const located = [...names, INPUT, FILE, ROW].join(', ');
  const key = (deduplicate?.key ?? []).map(quoted);
  const hasKey = key.map((name) => `${name} IS NOT NULL`).join(' AND ');
  const stays = input.dropped.length === 0 ? 'true' : `${INPUT} NOT IN (${input.dropped.join(', ')})`;
  const nowhere = `NULL::INTEGER AS ${FILE}, NULL::BIGINT AS ${ROW}`;
  const isContested = `(${key.join(', ')}) IN (SELECT (${key.join(', ')}) FROM contested)`;

  /** Rows of the existing files with these indexes. */
  const old = (indexes: readonly number[]) =>
    unionByName(columns, existingRows(input.existing, indexes), [`${FILE} INTEGER`, `${ROW} BIGINT`]);
  const beaten =
    input.duplicates.length === 0 ? [] : [`SELECT * EXCLUDE (${PATH}) FROM ${scan(input.duplicates)}`];
  const views = [
    `CREATE TEMP VIEW old AS ${old([...input.existing.keys()])}`,
    `CREATE TEMP VIEW beaten AS SELECT * FROM (${unionByName(columns, beaten)}) WHERE ${stays}`,
    `CREATE TEMP VIEW added AS ${unionByName(columns, addedRows(input.added))}`,
  ];
  const contested = [
    'SELECT * FROM added',
    input.compareAll ? 'SELECT * FROM old' : `SELECT * FROM old WHERE NOT (${stays})`,
    ...(input.compareAll ? ['SELECT * FROM beaten'] : []),
  ].map((rows) => `SELECT ${key.join(', ')} FROM (${rows}) WHERE ${hasKey}`);
  const candidates =
    `SELECT ${located} FROM old WHERE ${stays} AND ${hasKey} AND ${isContested} ` +
    `UNION ALL SELECT ${fields}, ${nowhere} FROM beaten WHERE ${isContested} ` +
    `UNION ALL SELECT ${fields}, ${nowhere} FROM added WHERE ${hasKey}`;
  const rank = `row_number() OVER (PARTITION BY ${key.join(', ')} ORDER BY ${precedence(columns, deduplicate)})`;

  return {
    prepare:
      deduplicate === undefined
        ? views
        : [
            ...views,
            `CREATE TEMP TABLE contested AS SELECT DISTINCT * FROM (${contested.join(' UNION ALL ')})`,
            `CREATE TEMP TABLE ranked AS SELECT *, ${rank} AS ${RANK} FROM (${candidates})`,
          ],
    /** Indexes of the existing files that lose a row. */
    touchedFiles: [
      `SELECT DISTINCT ${FILE} FROM old WHERE NOT (${stays})`,
      ...(deduplicate === undefined
        ? []
        : [`SELECT DISTINCT ${FILE} FROM ranked WHERE ${RANK} > 1 AND ${FILE} IS NOT NULL`]),
    ].join(' UNION '),
    /** Whether rows come that no existing file has. */
    hasNewRows:
      deduplicate === undefined
        ? 'SELECT EXISTS (SELECT 1 FROM added) OR EXISTS (SELECT 1 FROM beaten)'
        : `SELECT EXISTS (SELECT 1 FROM ranked WHERE ${RANK} = 1 AND ${FILE} IS NULL) ` +
          `OR EXISTS (SELECT 1 FROM added WHERE NOT (${hasKey})) OR EXISTS (SELECT 1 FROM beaten WHERE NOT (${hasKey}))`,
    /** The rows of the files that are written: those of `rewritten`, and new ones. */
    stage: (rewritten: readonly number[]) => {
      const inRewritten = rewritten.length === 0 ? 'false' : `${FILE} IN (${rewritten.join(', ')})`;
      const fromRewritten = `FROM (${old(rewritten)})`;
      const parts =
        deduplicate === undefined
          ? [
              `SELECT ${fields} ${fromRewritten} WHERE ${stays}`,
              `SELECT ${fields} FROM added`,
              `SELECT ${fields} FROM beaten`,
            ]
          : [
              `SELECT ${fields} ${fromRewritten} ANTI JOIN ranked USING (${FILE}, ${ROW}) WHERE ${stays}`,
              `SELECT ${fields} FROM ranked WHERE ${RANK} = 1 AND (${FILE} IS NULL OR ${inRewritten})`,
              `SELECT ${fields} FROM added WHERE NOT (${hasKey})`,
              // By an earlier rule they had a key.
              `SELECT ${fields} FROM beaten WHERE NOT (${hasKey})`,
            ];
      return stageRows(`SELECT * FROM (${parts.join(' UNION ALL ')}) ${orderBy(input.sort)}`);
    },
    /** The rows that lost, with those that had lost before. Absent: no row can lose. */
    copyDuplicates:
      deduplicate === undefined
        ? undefined
        : (path: string) =>
            copyTo(
              `SELECT ${fields} FROM beaten WHERE ${hasKey} AND NOT (${isContested}) ` +
                `UNION ALL SELECT ${fields} FROM ranked WHERE ${RANK} > 1`,
              path,
              ROWS_PER_BATCH_GROUP,
            ),
  };
}

/** Greatest first. Rows equal in all mapped columns are ordered by computed ones, so that arrival decides nothing. */
function precedence(columns: readonly TableColumn[], deduplicate: Deduplication | undefined): string {
  const mapped = columns.filter(({ isComputed }) => isComputed !== true);
  const computed = columns.filter(({ isComputed }) => isComputed === true);
  const newest = mapped.concat(computed).filter(({ name }) => name === deduplicate?.newest);
  const terms = [...newest, ...mapped, ...computed].map(({ name, type }) =>
    isNested(type)
      ? `CASE WHEN ${quoted(name)} IS NOT NULL THEN ${canonicalText(quoted(name), type)} END`
      : quoted(name),
  );
  return [...terms, INPUT].map((term) => `${term} DESC NULLS LAST`).join(', ');
}

/** All rows by column name; columns that a file does not have yet are NULL. */
export function unionByName(
  columns: readonly TableColumn[],
  rows: readonly string[],
  more: readonly string[] = [],
): string {
  const typed = [
    ...columns.map(({ name, type }) => `NULL::${storedType(type)} AS ${quoted(name)}`),
    `NULL::INTEGER AS ${INPUT}`,
    ...more.map((column) => {
      const [name, type] = column.split(' ');
      return `NULL::${type} AS ${name}`;
    }),
  ];
  return [`(SELECT ${typed.join(', ')} WHERE false)`, ...rows].join(' UNION ALL BY NAME ');
}

/**
 * All files in one scan, whose rows have their file's path. With a scan per file, each of them holds columns of a row group at the same
 * time, in memory that cannot go to disk.
 */
const scan = (paths: readonly string[], options = ''): string =>
  `read_parquet(${textList(paths)}, union_by_name = true, filename = ${literal(PATH)}${options})`;

/** What a list has at the position of a row's file among the paths. */
const ofFile = (list: string, paths: readonly string[], row = ''): string =>
  `(${list})[list_position(${textList(paths)}, ${row}${PATH})]`;

function existingRows(existing: MergeInput['existing'], indexes: readonly number[]): string[] {
  if (indexes.length === 0) return [];
  const paths = indexes.map((index) => existing[index]!.path);
  const sidePaths = indexes.map((index) => existing[index]!.sidePath);
  const numbers = `[${indexes.join(', ')}]::INTEGER[]`;
  const [file, sideFile] = [ofFile(numbers, paths, 'd.'), ofFile(numbers, sidePaths, 's.')];
  const numbered = ', file_row_number = true';
  return [
    `SELECT d.* EXCLUDE (file_row_number, ${PATH}), s.input AS ${INPUT}, ${file} AS ${FILE}, d.file_row_number AS ${ROW} ` +
      `FROM ${scan(paths, numbered)} d JOIN ${scan(sidePaths, numbered)} s ` +
      `ON d.file_row_number = s.file_row_number AND ${file} = ${sideFile}`,
  ];
}

/** Rows of inputs that the partition has already are left out. */
function addedRows(added: MergeInput['added']): string[] {
  if (added.length === 0) return [];
  const paths = added.map(({ path }) => path);
  const inputs = added.map((each) => `[${each.inputs.map((input) => input ?? 'NULL').join(', ')}]`);
  const ofInput = ofFile(`[${inputs.join(', ')}]::INTEGER[][]`, paths);
  return [
    `SELECT * FROM (SELECT * EXCLUDE (${PATH}) REPLACE ((${ofInput})[${INPUT} + 1] AS ${INPUT}) FROM ${scan(paths)}) ` +
      `WHERE ${INPUT} IS NOT NULL`,
  ];
}
