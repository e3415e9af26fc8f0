/** Where a function of the dialect lives: PostgreSQL's own, or one of ours in the schema `_redshift`. */
type FunctionHome = 'postgres' | 'redshift';

const words = (text: string) => text.trim().split(/\s+/);

/** Same name, same meaning in PostgreSQL. */
const POSTGRES_FUNCTIONS = words(`
  count sum min max any_value bool_and bool_or stddev stddev_samp stddev_pop variance var_samp var_pop
  row_number rank dense_rank ntile lag lead first_value last_value percent_rank cume_dist
  percentile_cont percentile_disc
  abs ceil ceiling floor round sign sqrt exp ln log power mod pi random degrees radians sin cos tan asin acos atan atan2
  upper lower initcap length octet_length char_length character_length ltrim rtrim btrim lpad rpad replace
  translate repeat reverse strpos md5 chr ascii left right substring substr
  coalesce nullif greatest least to_char to_date to_number to_timestamp date_part cbrt bit_and bit_or
  quote_ident quote_literal pg_backend_pid obj_description col_description has_schema_privilege has_table_privilege`);

/** Ours: absent from PostgreSQL, or different there. */
const REDSHIFT_FUNCTIONS = words(`
  avg listagg len concat nvl2 trunc date_trunc dateadd date_add datediff date_diff add_months last_day
  getdate json_parse json_serialize json_serialize_to_varbyte is_valid_json json_typeof json_extract_path_text get_array_length
  to_hex to_varbyte from_varbyte version pg_last_copy_count pg_last_copy_id pg_last_query_id
  pg_get_viewdef pg_get_userbyid current_database current_schema current_user_id is_large_string_enabled
  charindex replicate split_part strtol regexp_substr regexp_count regexp_instr regexp_replace sha2 from_hex
  months_between next_day convert_timezone date_part_year date_cmp dexp dlog10
  can_json_parse is_array is_object is_scalar is_varchar is_boolean is_smallint is_integer is_bigint json_size
  is_valid_json_array json_array_length json_extract_array_element_text
  format_type pg_get_late_binding_view_cols pg_cancel_backend pg_terminate_backend`);

export const FUNCTION_HOMES: ReadonlyMap<string, FunctionHome> = new Map<string, FunctionHome>([
  ...POSTGRES_FUNCTIONS.map((name) => [name, 'postgres'] as const),
  ...REDSHIFT_FUNCTIONS.map((name) => [name, 'redshift'] as const),
]);

/** Functions whose first argument is a date part, written as a bare word or as a string. */
export const DATE_PART_FIRST: ReadonlySet<string> = new Set([
  'dateadd',
  'date_add',
  'datediff',
  'date_diff',
  'date_part',
  'date_trunc',
]);

/** Functions for FROM. */
export const TABLE_FUNCTIONS: ReadonlySet<string> = new Set(['pg_get_late_binding_view_cols']);

/** Values written without parentheses, and what they are in PostgreSQL. */
export const VALUE_KEYWORDS: ReadonlyMap<string, string> = new Map([
  ['current_date', 'CURRENT_DATE'],
  ['current_timestamp', 'CURRENT_TIMESTAMP'],
  ['sysdate', '"_redshift"."sysdate"()'],
  ['current_user', '"_redshift"."session_identity"()'],
  ['session_user', '"_redshift"."session_identity"()'],
  ['user', '"_redshift"."session_identity"()'],
  ['null', 'NULL'],
  ['true', 'TRUE'],
  ['false', 'FALSE'],
  ['default', 'DEFAULT'],
]);
