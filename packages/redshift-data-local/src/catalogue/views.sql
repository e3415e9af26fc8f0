-- Redshift's system tables and views. They are recreated at every start: nothing may depend on them.
SET search_path = pg_catalog;

CREATE VIEW "_redshift".pg_namespace AS
  SELECT oid, "_redshift".long_name(nspname) AS nspname, nspowner::int AS nspowner, nspacl::text[] AS nspacl
  FROM pg_namespace WHERE nspname NOT IN ('_redshift', '_redshift_state', 'pg_toast') AND nspname NOT LIKE 'pg\_temp%' AND nspname NOT LIKE 'pg\_toast\_temp%';

CREATE VIEW "_redshift".pg_class AS
  SELECT c.oid, "_redshift".long_name(c.relname) AS relname, c.relnamespace, c.reltype, c.relowner::int AS relowner,
    c.relfilenode, greatest(c.reltuples, 0) AS reltuples, c.relhasindex, c.relkind, c.relnatts, c.relacl::text[] AS relacl
  FROM pg_class c JOIN "_redshift".pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname NOT IN ('pg_catalog', 'information_schema');

CREATE VIEW "_redshift".pg_attribute AS
  SELECT a.attrelid, "_redshift".long_name(a.attname) AS attname, a.atttypid, a.attnum, a.atttypmod, a.attnotnull,
    a.atthasdef, a.attisdropped, a.attacl::text[] AS attacl
  FROM pg_attribute a JOIN "_redshift".pg_class c ON c.oid = a.attrelid;

CREATE VIEW "_redshift".pg_description AS SELECT objoid, classoid, objsubid, description FROM pg_description;
CREATE VIEW "_redshift".pg_depend AS SELECT classid, objid, objsubid, refclassid, refobjid, refobjsubid, deptype FROM pg_depend;
CREATE VIEW "_redshift".pg_rewrite AS SELECT oid, rulename::text AS rulename, ev_class, ev_type FROM pg_rewrite;
CREATE VIEW "_redshift".pg_proc AS
  SELECT p.oid, p.proname::text AS proname, p.pronamespace, p.proowner::int AS proowner, p.prosrc
  FROM pg_proc p JOIN "_redshift".pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname <> 'information_schema' AND n.nspname <> 'pg_catalog';
CREATE VIEW "_redshift".pg_constraint AS
  SELECT oid, conname::text AS conname, connamespace, contype, conrelid, confrelid, conkey, confkey FROM pg_constraint WHERE false;

CREATE VIEW "_redshift".pg_user AS
  SELECT "_redshift".identity_name(r.oid) AS usename, r.oid::int AS usesysid, r.rolcreatedb AS usecreatedb, r.rolsuper AS usesuper,
    false AS usecatupd, '********'::text AS passwd, NULL::timestamp AS valuntil, NULL::text AS useconfig
  FROM pg_roles r WHERE r.rolname = current_user
    OR r.rolname IN (SELECT role_name FROM "_redshift_state".identity WHERE kind = 'user');
CREATE VIEW "_redshift".pg_group AS
  SELECT i.name AS groname, r.oid::int AS grosysid, ARRAY(SELECT m.member::int FROM pg_auth_members m WHERE m.roleid = r.oid) AS grolist
  FROM "_redshift_state".identity i JOIN pg_roles r ON r.rolname = i.role_name WHERE i.kind = 'group';
CREATE VIEW "_redshift".svv_roles AS
  SELECT r.oid::int AS role_id, i.name AS role_name, "_redshift".session_identity() AS role_owner, NULL::text AS external_id
  FROM "_redshift_state".identity i JOIN pg_roles r ON r.rolname = i.role_name WHERE i.kind = 'role';

CREATE VIEW "_redshift".pg_views AS
  SELECT n.nspname AS schemaname, c.relname AS viewname, "_redshift".identity_name(c.relowner::oid) AS viewowner,
    "_redshift".view_definition(c.oid) AS definition
  FROM "_redshift".pg_class c JOIN "_redshift".pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'v';
CREATE VIEW "_redshift".pg_tables AS
  SELECT n.nspname AS schemaname, c.relname AS tablename, "_redshift".identity_name(c.relowner::oid) AS tableowner
  FROM "_redshift".pg_class c JOIN "_redshift".pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r';

CREATE VIEW "_redshift".svv_all_schemas AS
  SELECT "_redshift".current_database() AS database_name, n.nspname AS schema_name, n.nspowner AS schema_owner,
    'local'::text AS schema_type, array_to_string(n.nspacl, '~') AS schema_acl, NULL::text AS source_database, NULL::text AS schema_option
  FROM "_redshift".pg_namespace n;
CREATE VIEW "_redshift".svv_tables AS
  SELECT "_redshift".current_database() AS table_catalog, n.nspname AS table_schema, c.relname AS table_name,
    CASE c.relkind WHEN 'v' THEN 'VIEW' ELSE 'BASE TABLE' END AS table_type, obj_description(c.oid, 'pg_class') AS remarks
  FROM "_redshift".pg_class c JOIN "_redshift".pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'v');
CREATE VIEW "_redshift".svv_all_tables AS
  SELECT table_catalog AS database_name, table_schema AS schema_name, table_name,
    CASE table_type WHEN 'VIEW' THEN 'VIEW' ELSE 'TABLE' END AS table_type, NULL::text AS table_acl, remarks FROM "_redshift".svv_tables;

CREATE VIEW "_redshift".svv_columns AS
  SELECT "_redshift".current_database() AS table_catalog, n.nspname AS table_schema, c.relname AS table_name,
    a.attname AS column_name, a.attnum::int AS ordinal_position,
    coalesce((SELECT format('"%sidentity"(%s, %s, ''%s,%s''::text)', CASE p.attidentity WHEN 'd' THEN 'default_' END, c.oid, a.attnum - 1,
        s.seqstart, s.seqincrement)
      FROM pg_attribute p JOIN pg_depend o ON o.refobjid = p.attrelid AND o.refobjsubid = p.attnum AND o.deptype = 'i'
      JOIN pg_sequence s ON s.seqrelid = o.objid WHERE p.attrelid = a.attrelid AND p.attnum = a.attnum AND p.attidentity <> ''),
      pg_get_expr(d.adbin, d.adrelid)) AS column_default,
    CASE WHEN a.attnotnull THEN 'NO' ELSE 'YES' END AS is_nullable,
    regexp_replace(t.type, '\(.*\)', '') AS data_type,
    CASE WHEN t.type ~ '^(character|binary)' THEN substring(t.type from '\((\d+)\)')::int END AS character_maximum_length,
    CASE WHEN t.type ~ '^numeric' THEN substring(t.type from '\((\d+)')::int
      WHEN t.type = 'smallint' THEN 16 WHEN t.type = 'integer' THEN 32 WHEN t.type = 'bigint' THEN 64
      WHEN t.type = 'real' THEN 24 WHEN t.type = 'double precision' THEN 53 END AS numeric_precision,
    CASE WHEN t.type ~ '^numeric' THEN 10 WHEN t.type IN ('smallint','integer','bigint','real','double precision') THEN 2 END AS numeric_precision_radix,
    CASE WHEN t.type ~ '^numeric' THEN substring(t.type from ',(\d+)\)')::int WHEN t.type IN ('smallint','integer','bigint') THEN 0 END AS numeric_scale,
    CASE WHEN t.type ~ '^timestamp' THEN 6 END AS datetime_precision,
    NULL::text AS interval_type, NULL::text AS interval_precision, NULL::text AS character_set_catalog, NULL::text AS character_set_schema,
    NULL::text AS character_set_name, NULL::text AS collation_catalog, NULL::text AS collation_schema, NULL::text AS collation_name,
    NULL::text AS domain_name, col_description(c.oid, a.attnum) AS remarks
  FROM "_redshift".pg_attribute a
  JOIN "_redshift".pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'v')
  JOIN "_redshift".pg_namespace n ON n.oid = c.relnamespace
  CROSS JOIN LATERAL (SELECT "_redshift".column_type(c.oid, a.attnum, a.atttypid, a.atttypmod) AS type) t
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE a.attnum > 0 AND NOT a.attisdropped;
CREATE VIEW "_redshift".svv_all_columns AS
  SELECT table_catalog AS database_name, table_schema AS schema_name, table_name, column_name, ordinal_position, column_default,
    is_nullable, data_type, character_maximum_length, numeric_precision, numeric_scale, remarks FROM "_redshift".svv_columns;

CREATE VIEW "_redshift".pg_table_def AS
  SELECT n.nspname AS schemaname, c.relname AS tablename, a.attname AS "column",
    "_redshift".column_type(c.oid, a.attnum, a.atttypid, a.atttypmod) AS type,
    coalesce(cr.encoding, 'none') AS encoding, coalesce(tr.attributes->>'distkey' = pa.attname, false) AS distkey,
    coalesce((SELECT k.n::int FROM jsonb_array_elements_text(tr.attributes->'sortkey') WITH ORDINALITY k(name, n) WHERE k.name = pa.attname), 0) AS sortkey,
    a.attnotnull AS notnull
  FROM "_redshift".pg_attribute a JOIN pg_attribute pa ON pa.attrelid = a.attrelid AND pa.attnum = a.attnum
  JOIN "_redshift".pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'v')
  JOIN "_redshift".pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN "_redshift_state".table_record tr ON tr.relid = c.oid
  LEFT JOIN "_redshift_state".column_record cr ON cr.relid = c.oid AND cr.attnum = a.attnum
  WHERE a.attnum > 0 AND NOT a.attisdropped AND pa.attrelid IN
    (SELECT r.oid FROM pg_catalog.pg_class r JOIN pg_catalog.pg_namespace p ON p.oid = r.relnamespace WHERE p.nspname = ANY (current_schemas(false)))
  -- The session's temporary tables, which are always on its path.
  UNION ALL
  SELECT n.nspname::text, "_redshift".long_name(c.relname), "_redshift".long_name(a.attname),
    "_redshift".column_type(c.oid, a.attnum, a.atttypid, a.atttypmod), 'none', false, 0, a.attnotnull
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid AND c.relkind = 'r' JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relnamespace = pg_my_temp_schema() AND a.attnum > 0 AND NOT a.attisdropped;

CREATE VIEW "_redshift".svv_schema_privileges AS
  SELECT "_redshift".long_name(n.nspname) AS namespace_name, g.privilege_type, g.grantee::int AS identity_id,
    "_redshift".identity_name(g.grantee) AS identity_name, "_redshift".identity_kind(g.grantee) AS identity_type,
    g.is_grantable AS admin_option, 'SCHEMA'::text AS privilege_scope
  FROM pg_namespace n CROSS JOIN LATERAL aclexplode(n.nspacl) g WHERE n.nspname NOT LIKE '\_redshift%';
CREATE VIEW "_redshift".svv_relation_privileges AS
  SELECT "_redshift".long_name(n.nspname) AS namespace_name, "_redshift".long_name(c.relname) AS relation_name,
    "_redshift".privilege_name(g.privilege_type) AS privilege_type, g.grantee::int AS identity_id,
    "_redshift".identity_name(g.grantee) AS identity_name, "_redshift".identity_kind(g.grantee) AS identity_type, g.is_grantable AS admin_option
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace CROSS JOIN LATERAL aclexplode(c.relacl) g
  WHERE n.nspname NOT LIKE '\_redshift%' AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND c.relkind IN ('r', 'v');
CREATE VIEW "_redshift".svv_column_privileges AS
  SELECT "_redshift".long_name(n.nspname) AS namespace_name, "_redshift".long_name(c.relname) AS relation_name,
    "_redshift".long_name(a.attname) AS column_name, g.privilege_type, g.grantee::int AS identity_id,
    "_redshift".identity_name(g.grantee) AS identity_name, "_redshift".identity_kind(g.grantee) AS identity_type
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  CROSS JOIN LATERAL aclexplode(a.attacl) g WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND NOT a.attisdropped;
CREATE VIEW "_redshift".svv_default_privileges AS
  SELECT "_redshift".long_name(n.nspname) AS schema_name, 'RELATION'::text AS object_type, d.defaclrole::int AS owner_id,
    "_redshift".identity_name(d.defaclrole) AS owner_name, 'user'::text AS owner_type,
    "_redshift".privilege_name(g.privilege_type) AS privilege_type, g.grantee::int AS grantee_id,
    "_redshift".identity_name(g.grantee) AS grantee_name, "_redshift".identity_kind(g.grantee) AS grantee_type, g.is_grantable AS admin_option
  FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace CROSS JOIN LATERAL aclexplode(d.defaclacl) g
  WHERE d.defaclobjtype = 'r';

-- Objects that this dialect cannot create: the views exist, and are empty.
CREATE VIEW "_redshift".svv_mv_info AS SELECT NULL::text AS database_name, NULL::text AS schema_name, NULL::text AS user_name, NULL::text AS name,
  NULL::text AS is_stale, NULL::text AS owner_user_name, NULL::int AS state, NULL::text AS autorefresh, NULL::text AS autorewrite WHERE false;
CREATE VIEW "_redshift".stv_mv_info AS SELECT NULL::text AS db_name, NULL::text AS schema, NULL::text AS name, NULL::text AS updated_upto_xid,
  NULL::text AS is_stale, NULL::text AS owner_user_name, NULL::int AS state, NULL::text AS autorefresh WHERE false;
CREATE VIEW "_redshift".svv_rls_attached_policy AS SELECT NULL::text AS relschema, NULL::text AS relname, NULL::text AS relkind, NULL::text AS polname,
  NULL::text AS grantor, NULL::text AS grantee, NULL::text AS granteekind, NULL::boolean AS is_pol_on, NULL::boolean AS is_rls_on WHERE false;
CREATE VIEW "_redshift".svv_rls_relation AS SELECT NULL::text AS datname, NULL::text AS relschema, NULL::text AS relname, NULL::text AS relkind,
  NULL::boolean AS is_rls_on, NULL::boolean AS is_rls_datashare_on, NULL::text AS rls_conjunction_type,
  NULL::text AS rls_datashare_conjunction_type WHERE false;
CREATE VIEW "_redshift".svv_redshift_schema_quota AS SELECT NULL::text AS database_name, NULL::text AS schema_name, NULL::int AS schema_owner,
  NULL::int AS quota, NULL::int AS disk_usage WHERE false;
CREATE VIEW "_redshift".svv_attached_masking_policy AS SELECT NULL::text AS policy_name, NULL::text AS schema_name, NULL::text AS table_name,
  NULL::text AS table_type, NULL::text AS grantor, NULL::text AS grantee, NULL::text AS grantee_type, NULL::int AS priority,
  NULL::text AS input_columns, NULL::text AS output_columns WHERE false;
CREATE VIEW "_redshift".svv_datashare_objects AS SELECT NULL::text AS share_type, NULL::text AS share_name, NULL::text AS object_type,
  NULL::text AS object_name, NULL::text AS producer_account, NULL::text AS producer_namespace, NULL::boolean AS include_new WHERE false;
CREATE VIEW "_redshift".svv_redshift_functions AS SELECT NULL::text AS database_name, NULL::text AS schema_name, NULL::text AS function_name,
  NULL::text AS function_type, NULL::text AS argument_type, NULL::text AS result_type WHERE false;

CREATE VIEW "_redshift".svv_transactions AS
  SELECT "_redshift".identity_name(a.usesysid) AS txn_owner, "_redshift".current_database() AS txn_db, a.backend_xid::text::bigint AS xid, a.pid,
    a.xact_start AT TIME ZONE 'UTC' AS txn_start, l.mode AS lock_mode, CASE WHEN l.locktype = 'relation' THEN 'relation' ELSE 'transactionid' END AS lockable_object_type,
    l.relation::int AS relation, l.granted
  FROM pg_stat_activity a JOIN pg_locks l ON l.pid = a.pid
  WHERE a.datname = pg_catalog.current_database() AND a.xact_start IS NOT NULL AND l.locktype IN ('relation', 'transactionid');

CREATE VIEW "_redshift_state".every_load_error AS
  SELECT * FROM "_redshift_state".load_error UNION ALL
  SELECT * FROM "_redshift_state".load_error_inside i WHERE NOT EXISTS (SELECT FROM "_redshift_state".load_error l WHERE l.query_id = i.query_id);
CREATE VIEW "_redshift_state".every_load AS
  SELECT * FROM "_redshift_state".load UNION ALL
  SELECT * FROM "_redshift_state".load_inside i WHERE NOT EXISTS (SELECT FROM "_redshift_state".load l WHERE l.query_id = i.query_id);
CREATE VIEW "_redshift".stl_load_errors AS
  SELECT "_redshift".current_user_id() AS userid, 0 AS slice, table_id::int AS tbl, start_time AS starttime, pid AS session, query_id AS query,
    file_name AS filename, line_number, column_name AS colname, column_type AS type, column_length AS col_length, position,
    raw_line, raw_field_value, error_code AS err_code, error_message AS err_reason, 0 AS is_partial, 0::bigint AS start_offset, NULL::bigint AS copy_job_id
  FROM "_redshift_state".every_load_error;
CREATE VIEW "_redshift".sys_load_error_detail AS
  SELECT "_redshift".current_user_id() AS user_id, query_id, query_id AS transaction_id, pid AS session_id, "_redshift".current_database() AS database_name,
    table_id::int AS table_id, start_time, file_name, line_number, column_name, column_type, column_length, position, error_code, error_message
  FROM "_redshift_state".every_load_error;
CREATE VIEW "_redshift".sys_load_history AS
  SELECT "_redshift".current_user_id() AS user_id, query_id, query_id AS transaction_id, pid AS session_id, "_redshift".current_database() AS database_name,
    status, table_name, start_time, end_time, (extract(epoch FROM end_time - start_time) * 1000000)::bigint AS duration, data_source,
    'CSV'::text AS file_format, loaded_rows, loaded_bytes, source_file_count, source_file_bytes,
    source_file_count AS file_count_scanned, source_file_bytes AS file_bytes_scanned, error_count, NULL::bigint AS copy_job_id
  FROM "_redshift_state".every_load;
CREATE VIEW "_redshift".sys_query_history AS
  SELECT "_redshift".current_user_id() AS user_id, p.query_id, 'default'::text AS query_label,
    CASE WHEN s.request->>'executionMode' = 'AUTO_COMMIT' THEN p.query_id ELSE min(p.query_id) OVER (PARTITION BY p.statement_id) END AS transaction_id,
    s.pid AS session_id, "_redshift".current_database() AS database_name,
    CASE WHEN p.command IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE', 'COPY', 'MERGE') THEN p.command WHEN p.command = 'CREATE TABLE AS' THEN 'CTAS'
      WHEN p.command ~ '^(CREATE|ALTER|DROP|TRUNCATE|COMMENT|GRANT|REVOKE)' THEN 'DDL' ELSE 'UTILITY' END AS query_type,
    CASE p.status WHEN 'FINISHED' THEN 'success' WHEN 'FAILED' THEN 'failed' WHEN 'ABORTED' THEN 'canceled' WHEN 'STARTED' THEN 'running' ELSE 'queued' END AS status,
    false AS result_cache_hit, p.started_at AT TIME ZONE 'UTC' AS start_time, CASE WHEN p.duration_ns >= 0 THEN p.updated_at AT TIME ZONE 'UTC' END AS end_time,
    p.duration_ns / 1000 AS elapsed_time, 0::bigint AS queue_time, p.duration_ns / 1000 AS execution_time, p.error AS error_message, greatest(p.result_rows, 0) AS returned_rows,
    greatest(p.result_bytes, 0) AS returned_bytes, left(p.sql, 4000) AS query_text, s.pid AS session_pid
  FROM "_redshift_state".statement_part p JOIN "_redshift_state".statement s ON s.id = p.statement_id WHERE p.started_at IS NOT NULL;

CREATE VIEW "_redshift".stv_inflight AS
  SELECT "_redshift".current_user_id() AS userid, 0 AS slice, p.query_id AS query, 'default'::text AS label, p.query_id AS xid, s.pid,
    p.started_at AT TIME ZONE 'UTC' AS starttime, left(p.sql, 100) AS text, 0 AS suspended, 0 AS insert_pristine, 0 AS concurrency_scaling_status
  FROM "_redshift_state".statement_part p JOIN "_redshift_state".statement s ON s.id = p.statement_id WHERE p.status = 'STARTED' AND s.status = 'STARTED';
CREATE VIEW "_redshift".stv_recents AS
  SELECT "_redshift".current_user_id() AS userid, CASE p.status WHEN 'STARTED' THEN 'Running' ELSE 'Done' END AS status, p.started_at AT TIME ZONE 'UTC' AS starttime,
    CASE WHEN p.duration_ns >= 0 THEN p.duration_ns / 1000 ELSE (extract(epoch FROM clock_timestamp() - p.started_at) * 1000000)::bigint END AS duration,
    "_redshift".session_identity() AS user_name, "_redshift".current_database() AS db_name, left(p.sql, 600) AS query, CASE p.status WHEN 'STARTED' THEN s.pid ELSE -1 END AS pid
  FROM "_redshift_state".statement_part p JOIN "_redshift_state".statement s ON s.id = p.statement_id WHERE p.started_at IS NOT NULL;
CREATE VIEW "_redshift".stv_locks AS
  SELECT l.relation::int AS table_id, a.query_start AT TIME ZONE 'UTC' AS last_update, "_redshift".identity_name(a.usesysid) AS lock_owner, l.pid AS lock_owner_pid,
    CASE WHEN l.granted THEN 'Holding lock' ELSE 'Waiting for lock' END AS lock_status
  FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
  WHERE l.locktype = 'relation' AND l.mode IN ('AccessExclusiveLock', 'ShareRowExclusiveLock') AND a.datname = pg_catalog.current_database()
    AND l.relation IN (SELECT oid FROM "_redshift".pg_class);

CREATE VIEW "_redshift".svv_role_grants AS
  SELECT m.member::int AS role_id, "_redshift".identity_name(m.member) AS role_name, m.roleid::int AS granted_role_id, "_redshift".identity_name(m.roleid) AS granted_role_name
  FROM pg_auth_members m WHERE "_redshift".identity_kind(m.member) = 'role' AND "_redshift".identity_kind(m.roleid) = 'role';
CREATE VIEW "_redshift".svv_user_grants AS
  SELECT m.member::int AS user_id, "_redshift".identity_name(m.member) AS user_name, m.roleid::int AS role_id, "_redshift".identity_name(m.roleid) AS role_name, m.admin_option
  FROM pg_auth_members m WHERE "_redshift".identity_kind(m.member) = 'user' AND "_redshift".identity_kind(m.roleid) = 'role';

CREATE VIEW "_redshift".svv_table_info AS
  SELECT "_redshift".current_database() AS database, n.nspname AS schema, c.oid::int AS table_id, c.relname AS "table",
    CASE WHEN EXISTS (SELECT FROM "_redshift_state".column_record r WHERE r.relid = c.oid AND r.encoding <> 'raw') THEN 'Y' ELSE 'N' END AS encoded,
    CASE WHEN t.attributes->>'diststyle' = 'KEY' THEN 'KEY(' || "_redshift".long_name(t.attributes->>'distkey') || ')' ELSE t.attributes->>'diststyle' END AS diststyle,
    "_redshift".long_name(t.attributes->'sortkey'->>0) AS sortkey1, jsonb_array_length(t.attributes->'sortkey') AS sortkey_num,
    pg_catalog.pg_total_relation_size(c.oid) / 1048576 AS size, c.reltuples::numeric + pg_catalog.pg_stat_get_dead_tuples(c.oid) AS tbl_rows,
    NULL::numeric(5, 2) AS unsorted, c.reltuples::numeric AS estimated_visible_rows
  FROM "_redshift".pg_class c JOIN "_redshift".pg_namespace n ON n.oid = c.relnamespace LEFT JOIN "_redshift_state".table_record t ON t.relid = c.oid
  WHERE c.relkind = 'r' AND c.reltuples > 0;
