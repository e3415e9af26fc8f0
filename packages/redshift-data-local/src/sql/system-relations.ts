/** System tables and views of Redshift that can be read here; each is a view in the schema `_redshift`. */
export const SYSTEM_RELATIONS: ReadonlySet<string> = new Set(
  `pg_namespace pg_class pg_attribute pg_user pg_group pg_views pg_tables pg_table_def pg_description pg_depend
  pg_rewrite pg_proc pg_constraint
  svv_tables svv_columns svv_all_schemas svv_all_tables svv_all_columns svv_roles
  svv_schema_privileges svv_relation_privileges svv_column_privileges svv_default_privileges
  svv_mv_info stv_mv_info svv_rls_attached_policy svv_rls_relation svv_attached_masking_policy svv_datashare_objects
  svv_redshift_schema_quota
  svv_redshift_functions svv_transactions svv_role_grants svv_user_grants svv_table_info
  stv_inflight stv_recents stv_locks
  stl_load_errors sys_load_error_detail sys_load_history sys_query_history`.split(/\s+/),
);

/** Names Redshift keeps for its system relations: an unknown one is refused, never mistaken for a user's table. */
export function looksLikeSystemRelation(name: string): boolean {
  return /^(pg|svv|svl|svcs|stl|stv|stcs|sys)_/.test(name);
}
