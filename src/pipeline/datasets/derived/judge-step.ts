import { parseExactly } from '../../item/exact-json.ts';
import { inexactCall } from './inexact-functions.ts';

/**
 * Judges a step by DuckDB's parse tree, as `json_serialize_sql` gives it: one SELECT over the inputs and nothing else, whose result
 * depends on their rows alone, and which turns no exact number into a float unasked. A step for Redshift is judged by the same parser,
 * so it must be SQL that both know.
 */
export interface JudgedStep {
  /** The tree without positions: spaces and comments change nothing in it. */
  readonly tree: string;
  /** Tables that it reads and does not define itself, sorted. */
  readonly tables: readonly string[];
  /** What is wrong, each with the remedy. */
  readonly problems: readonly string[];
  /** Where problems are in the text, if that is known: bytes before it. */
  readonly places: ReadonlyMap<string, number>;
}

/** DuckDB writes a member of an object so; within a text, quotes are escaped. */
const POSITION = /,"query_location":\d+/g;

export function judgeStep(serialized: string, engine: 'duckdb' | 'redshift' = 'duckdb'): JudgedStep {
  const { error, error_message: message, position, statements = [] } = parseExactly(serialized) as Serialized;
  if (error) {
    const isOther = /^Only SELECT/.test(message ?? '');
    return isOther
      ? refused('it must be a SELECT')
      : refused(`it is not SQL: ${message}`, position === undefined ? undefined : Number(position));
  }
  if (statements.length !== 1)
    return refused(`it must be one SELECT, and has ${statements.length} statements`);
  const judge = new Judge(engine === 'redshift');
  judge.visit(statements[0]);
  return {
    tree: serialized.replace(POSITION, ''),
    tables: judge.tables(),
    problems: judge.problems(),
    places: judge.places(),
  };
}

const refused = (problem: string, place?: number): JudgedStep => ({
  ...{ tree: '', tables: [], problems: [problem] },
  places: new Map(place === undefined ? [] : [[problem, place]]),
});

interface Serialized {
  readonly error: boolean;
  readonly error_message?: string;
  readonly position?: unknown;
  readonly statements?: readonly unknown[];
}

type Node = Readonly<Record<string, unknown>>;

/** Results that depend on the time, as functions; and, as DuckDB parses these, as columns. */
const CLOCK = new Set(
  'ago now today current_date current_localtime current_localtimestamp current_time current_timestamp get_current_time get_current_timestamp localtime localtimestamp pg_conf_load_time pg_postmaster_start_time transaction_timestamp'.split(
    ' ',
  ),
);
const REDSHIFT_CLOCK = new Set('getdate sysdate timeofday statement_timestamp clock_timestamp'.split(' '));
const REDSHIFT_SURROUNDINGS = new Set(
  'current_user_id pg_backend_pid pg_last_copy_count pg_last_copy_id pg_last_query_id slice_num user_name'.split(
    ' ',
  ),
);
const CHANCE = new Set('random uuid uuidv4 uuidv7 gen_random_uuid setseed nextval currval'.split(' '));
/** What the server, the session or the machine is. */
const SURROUNDINGS = new Set(
  'current_catalog current_connection_id current_database current_query current_query_id current_role current_schema current_schemas current_setting current_transaction_id current_user getenv getvariable in_search_path pg_typeof session_user sleep_ms stats txid_current user version write_log'.split(
    ' ',
  ),
);
/** Their result depends on the order of rows, unless they are given one. */
const OF_ORDER = new Set(
  'first last any_value arbitrary list array_agg string_agg group_concat listagg arg_min arg_max argmin argmax min_by max_by mode'.split(
    ' ',
  ),
);
const SORTING = new Set(['list_sort', 'array_sort', 'list_reverse_sort', 'array_reverse_sort']);
/** The same, of windows: the order of their frame. */
const WINDOW_OF_ORDER = new Set(
  'row_number ntile lag lead first_value last_value nth_value first last'.split(' '),
);
/** Even with an order, rows that are equal in it are interchangeable; and an approximation depends on how rows are divided. */
const NEVER = new Set(
  'approx_count_distinct approx_quantile approx_top_k reservoir_quantile hash json_group_array json_group_object json_group_structure query query_table'.split(
    ' ',
  ),
);
class Judge {
  readonly #isRedshift: boolean;
  /** With the place of the node that was judged when each was found. */
  readonly #problems = new Map<string, number | undefined>();
  #place: number | undefined;
  readonly #tables = new Set<string>();
  readonly #own = new Set<string>();
  /** Calls whose result is sorted afterwards: so DuckDB writes `list(x ORDER BY x)`. */
  readonly #sorted = new Set<unknown>();

  constructor(isRedshift: boolean) {
    this.#isRedshift = isRedshift;
  }

  problems(): string[] {
    return [...this.#problems.keys()];
  }

  places(): Map<string, number> {
    return new Map([...this.#problems].flatMap(([problem, at]) => (at === undefined ? [] : [[problem, at]])));
  }

  #refuse(problem: string): void {
    if (!this.#problems.has(problem)) this.#problems.set(problem, this.#place);
  }

  tables(): string[] {
    return [...this.#tables].filter((name) => !this.#own.has(name)).toSorted();
  }

  /** @param inCast a cast surrounds it: the author has asked for the type */
  visit(value: unknown, inCast = false): void {
    if (Array.isArray(value)) {
      for (const each of value) this.visit(each, inCast);
      return;
    }
    if (typeof value !== 'object' || value === null) return;
    const node = value as Node;
    const { query_location: place } = node;
    // DuckDB writes 2^64 - 1 for a node without a place.
    if (typeof place === 'number' && Number.isSafeInteger(place)) this.#place = place;
    this.#judge(node, inCast);
    // A query inside an expression has expressions of its own.
    const within = node.class === 'CAST' || (inCast && node.class !== 'SUBQUERY');
    for (const [key, child] of Object.entries(node)) if (key !== 'cast_type') this.visit(child, within);
  }

  #judge(node: Node, inCast: boolean): void {
    if (node.class === 'FUNCTION' || node.class === 'WINDOW') this.#judgeFunction(node, inCast);
    if (node.class === 'CONSTANT' && !inCast) this.#judgeConstant(node);
    if (node.class === 'COLUMN_REF') this.#judgeColumn(node);
    if (node.type === 'BASE_TABLE') this.#judgeTable(node);
    if (node.type === 'TABLE_FUNCTION') this.#judgeTableFunction(node);
    if (node.sample !== null && node.sample !== undefined)
      this.#refuse('a sample has other rows each time: select rows by a condition');
    if (Array.isArray(node.modifiers)) this.#judgeModifiers(node.modifiers as readonly Node[]);
    this.#define(node);
  }

  #judgeFunction(node: Node, inCast: boolean): void {
    const name = String(node.function_name).toLowerCase();
    const inexact = inexactCall(node, name, inCast, this.#isRedshift);
    if (inexact !== undefined) this.#refuse(inexact);
    this.#judgeName(name);
    if (SORTING.has(name) && Array.isArray(node.children)) this.#sorted.add(node.children[0]);
    if (OF_ORDER.has(name) && !isOrdered(node) && !this.#sorted.has(node))
      this.#refuse(`${name} depends on the order of rows: give it one, ${name}(… ORDER BY …)`);
    if (node.class === 'WINDOW' && WINDOW_OF_ORDER.has(name) && !isOrdered(node))
      this.#refuse(`${name} depends on the order of rows: give it one, OVER (ORDER BY …)`);
    // The age of one time is that before today.
    if (name === 'age' && Array.isArray(node.children) && node.children.length === 1)
      this.#refuse('age of one time depends on the clock: give it the time from which it counts');
  }

  #judgeName(name: string): void {
    if (CLOCK.has(name) || (this.#isRedshift && REDSHIFT_CLOCK.has(name)))
      this.#refuse(`${name} depends on the clock: read the day of the partition from the inputs`);
    if (CHANCE.has(name)) this.#refuse(`${name} depends on chance: equal inputs must give equal rows`);
    if (SURROUNDINGS.has(name) || (this.#isRedshift && REDSHIFT_SURROUNDINGS.has(name)))
      this.#refuse(`${name} depends on the session: equal inputs must give equal rows`);
    if (NEVER.has(name)) this.#refuse(`${name} may give another result for the same rows`);
  }

  #judgeConstant({ value }: Node): void {
    const { id } = (value as { type?: { id?: unknown } } | undefined)?.type ?? {};
    if (id === 'DOUBLE' || id === 'FLOAT')
      this.#refuse('a number with an exponent is a float: write its digits, or put a cast around it');
  }

  #judgeColumn({ column_names: names }: Node): void {
    if (!Array.isArray(names) || names.length !== 1) return;
    const name = String(names[0]).toLowerCase();
    const isClock = CLOCK.has(name) || (this.#isRedshift && REDSHIFT_CLOCK.has(name));
    if (isClock || name === 'current_user' || name === 'session_user' || name === 'current_role')
      this.#judgeName(name);
  }

  #judgeTable({ schema_name: schema, catalog_name: catalog, table_name: table }: Node): void {
    const parts = [catalog, schema, table].filter((part) => typeof part === 'string' && part !== '');
    if (parts.length === 1) this.#tables.add(String(table));
    else this.#refuse(`${parts.join('.')} is not an input: name the dataset alone`);
  }

  /** `range` and `unnest` make rows of their arguments; others read files or the catalogue of the session. */
  #judgeTableFunction(node: Node): void {
    const name = String((node.function as Node | undefined)?.function_name).toLowerCase();
    if (this.#isRedshift || !['range', 'generate_series', 'unnest'].includes(name))
      this.#refuse(`${name} is not an input: a step reads its datasets only`);
  }

  #judgeModifiers(modifiers: readonly Node[]): void {
    const has = (type: string) => modifiers.some((modifier) => modifier.type === type);
    const isLimited = has('LIMIT_MODIFIER') || has('LIMIT_PERCENT_MODIFIER');
    if (isLimited && !has('ORDER_MODIFIER'))
      this.#refuse('LIMIT without ORDER BY takes any rows: order them by columns that tell them apart');
    const isDistinctOn = modifiers.some(
      ({ type, distinct_on_targets: targets }) =>
        type === 'DISTINCT_MODIFIER' && Array.isArray(targets) && targets.length > 0,
    );
    if (isDistinctOn && !has('ORDER_MODIFIER'))
      this.#refuse('DISTINCT ON without ORDER BY takes any rows: order them by columns that tell them apart');
  }

  /** Names of WITH. */
  #define(node: Node): void {
    const map = (node.cte_map as { map?: unknown } | undefined)?.map;
    if (!Array.isArray(map)) return;
    for (const entry of map as readonly Node[]) if (typeof entry.key === 'string') this.#own.add(entry.key);
  }
}

const isOrdered = ({ order_bys: orderBys, orders, arg_orders: argOrders }: Node): boolean =>
  [(orderBys as { orders?: unknown } | null | undefined)?.orders, orders, argOrders].some(
    (list) => Array.isArray(list) && list.length > 0,
  );
