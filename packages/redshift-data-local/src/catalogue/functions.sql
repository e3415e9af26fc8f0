-- Redshift's functions that PostgreSQL lacks or defines differently.
SET search_path = "_redshift", pg_catalog;

CREATE OR REPLACE FUNCTION long_name(physical text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN strpos(physical, '~') = 0 THEN physical ELSE
    coalesce((SELECT l.name FROM "_redshift_state".long_name l WHERE l.physical = $1), physical) END
$$;
CREATE OR REPLACE FUNCTION identity_kind(role oid) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN role = 0 THEN 'public' ELSE coalesce((SELECT i.kind FROM "_redshift_state".identity i
    JOIN pg_catalog.pg_roles r ON r.rolname = i.role_name WHERE r.oid = role), 'user') END
$$;
CREATE OR REPLACE FUNCTION identity_name(role oid) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN role = 0 THEN 'public' ELSE coalesce(
    (SELECT i.name FROM "_redshift_state".identity i JOIN pg_catalog.pg_roles r ON r.rolname = i.role_name WHERE r.oid = role),
    (SELECT CASE WHEN r.rolname = current_user THEN 'admin' ELSE r.rolname::text END FROM pg_catalog.pg_roles r WHERE r.oid = role)) END
$$;
CREATE OR REPLACE FUNCTION privilege_name(privilege text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE privilege WHEN 'TRIGGER' THEN 'DROP' WHEN 'MAINTAIN' THEN 'ALTER' ELSE privilege END
$$;
CREATE OR REPLACE FUNCTION session_identity() RETURNS text LANGUAGE sql STABLE AS $$ SELECT 'admin'::text $$;
CREATE OR REPLACE FUNCTION pg_get_userbyid(role oid) RETURNS text LANGUAGE sql STABLE AS $$ SELECT "_redshift".identity_name(role) $$;
CREATE OR REPLACE FUNCTION current_user_id() RETURNS int LANGUAGE sql STABLE AS $$
  SELECT oid::int FROM pg_catalog.pg_roles WHERE rolname = current_user $$;
CREATE OR REPLACE FUNCTION current_database() RETURNS text LANGUAGE sql STABLE AS $$
  SELECT pg_catalog.current_setting('redshift.database') $$;
CREATE OR REPLACE FUNCTION current_schema() RETURNS text LANGUAGE sql STABLE AS $$ SELECT "_redshift".long_name((pg_catalog.current_schemas(false))[1]) $$;
CREATE OR REPLACE FUNCTION version() RETURNS text LANGUAGE sql STABLE AS $$
  SELECT 'PostgreSQL 8.0.2 on x86_64-pc-linux-gnu, Redshift 1.0 (the local Redshift Data API)'::text $$;
CREATE OR REPLACE FUNCTION is_large_string_enabled() RETURNS boolean LANGUAGE sql STABLE AS $$ SELECT false $$;

CREATE OR REPLACE FUNCTION format_type(type oid, modifier int) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE type WHEN 'pg_catalog.bytea'::regtype THEN 'binary varying' WHEN 'pg_catalog.jsonb'::regtype THEN 'super'
    WHEN 'pg_catalog.text'::regtype THEN 'character varying(65535)' ELSE pg_catalog.format_type(type, modifier) END
$$;
CREATE OR REPLACE FUNCTION column_type(relation oid, number int, type oid, modifier int) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT coalesce((SELECT c.display_type FROM "_redshift_state".column_record c WHERE c.relid = relation AND c.attnum = number),
    "_redshift".format_type(type, modifier))
$$;
-- The server leaves the texts of bound views in redshift.view_texts for statements that read them.
-- Redshift keeps the whole statement of a late-binding view, with its comments and line ends: admin views that generate
-- DDL rely on that (awslabs/amazon-redshift-utils, v_generate_view_ddl). Views of an earlier version have no text.
CREATE OR REPLACE FUNCTION late_binding_text(l "_redshift_state".late_binding_view) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT coalesce(l.sql, (SELECT 'create view ' || quote_ident("_redshift".long_name(n.nspname)) || '.' || quote_ident("_redshift".long_name(c.relname))
      || ' as ' || l.definition || E'\nwith no schema binding;'
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = l.relid))
$$;
CREATE OR REPLACE FUNCTION view_definition(view oid) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT coalesce((SELECT "_redshift".late_binding_text(l) FROM "_redshift_state".late_binding_view l WHERE l.relid = view),
    (SELECT b.query || ';' FROM "_redshift_state".bound_view b WHERE b.relid = view),
    nullif(current_setting('redshift.view_texts', true), '')::jsonb ->> view::text,
    replace(replace(pg_catalog.pg_get_viewdef(view), '_redshift.', ''), '"_redshift".', ''))
$$;
CREATE OR REPLACE FUNCTION pg_get_viewdef(view oid) RETURNS text LANGUAGE sql STABLE AS $$ SELECT "_redshift".view_definition(view) $$;
CREATE OR REPLACE FUNCTION pg_get_viewdef(view oid, pretty boolean) RETURNS text LANGUAGE sql STABLE AS $$ SELECT "_redshift".view_definition(view) $$;

-- The server finds the columns of late-binding views: it resolves each view again for the statement.
CREATE OR REPLACE FUNCTION pg_get_late_binding_view_cols()
RETURNS TABLE (view_schema text, view_name text, col_name text, col_type text, col_num int) LANGUAGE sql STABLE AS $$
  SELECT c->>'schema', c->>'view', c->>'column', c->>'type', (c->>'number')::int
  FROM jsonb_array_elements(coalesce(nullif(current_setting('redshift.late_binding_columns', true), ''), '[]')::jsonb) c
$$;

CREATE OR REPLACE FUNCTION pg_last_copy_count() RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT coalesce(nullif(current_setting('redshift.last_copy_count', true), ''), '0')::bigint $$;
CREATE OR REPLACE FUNCTION pg_last_copy_id() RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT coalesce(nullif(current_setting('redshift.last_copy_id', true), ''), '-1')::bigint $$;
CREATE OR REPLACE FUNCTION pg_last_query_id() RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT coalesce(nullif(current_setting('redshift.last_query_id', true), ''), '-1')::bigint $$;

CREATE OR REPLACE FUNCTION len(value text) RETURNS int LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT length(value) $$;
CREATE OR REPLACE FUNCTION len(value bytea) RETURNS int LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT octet_length(value) $$;
CREATE OR REPLACE FUNCTION concat(a text, b text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT a || b $$;
CREATE OR REPLACE FUNCTION nvl2(value anyelement, a anycompatible, b anycompatible) RETURNS anycompatible LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN value IS NOT NULL THEN a ELSE b END $$;

CREATE OR REPLACE FUNCTION pg_cancel_backend(pid int) RETURNS int LANGUAGE sql VOLATILE AS $$ SELECT pg_catalog.pg_cancel_backend(pid)::int $$;
CREATE OR REPLACE FUNCTION pg_terminate_backend(pid int) RETURNS int LANGUAGE sql VOLATILE AS $$ SELECT pg_catalog.pg_terminate_backend(pid)::int $$;
CREATE OR REPLACE FUNCTION getdate() RETURNS timestamp LANGUAGE sql STABLE AS $$
  SELECT date_trunc('second', statement_timestamp() AT TIME ZONE 'UTC') $$;
CREATE OR REPLACE FUNCTION sysdate() RETURNS timestamp LANGUAGE sql STABLE AS $$ SELECT transaction_timestamp() AT TIME ZONE 'UTC' $$;
CREATE OR REPLACE FUNCTION trunc(value timestamp) RETURNS date LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT value::date $$;
CREATE OR REPLACE FUNCTION trunc(value numeric) RETURNS numeric LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT pg_catalog.trunc(value) $$;
CREATE OR REPLACE FUNCTION trunc(value numeric, digits int) RETURNS numeric LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT pg_catalog.trunc(value, digits) $$;
CREATE OR REPLACE FUNCTION trunc(value float8) RETURNS float8 LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT pg_catalog.trunc(value) $$;
CREATE OR REPLACE FUNCTION date_trunc(part text, value timestamp) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT pg_catalog.date_trunc(part, value) $$;
CREATE OR REPLACE FUNCTION date_trunc(part text, value date) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT pg_catalog.date_trunc(part, value::timestamp) $$;
CREATE OR REPLACE FUNCTION date_trunc(part text, value timestamptz) RETURNS timestamptz LANGUAGE sql STABLE STRICT AS $$ SELECT pg_catalog.date_trunc(part, value) $$;
CREATE OR REPLACE FUNCTION last_day(value timestamp) RETURNS date LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT (pg_catalog.date_trunc('month', value) + interval '1 month - 1 day')::date $$;

-- The last day of a month stays the last day (AWS: "ADD_MONTHS function").
CREATE OR REPLACE FUNCTION add_months(value timestamp, months int) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT CASE WHEN "_redshift".last_day(value) = value::date
    THEN "_redshift".last_day(value + make_interval(months => months)) + value::time
    ELSE value + make_interval(months => months) END $$;

CREATE OR REPLACE FUNCTION part_name(part text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
  RETURN CASE
    WHEN part IN ('year','years','y','yr','yrs') THEN 'year'
    WHEN part IN ('quarter','quarters','qtr','qtrs') THEN 'quarter'
    WHEN part IN ('month','months','mon','mons') THEN 'month'
    WHEN part IN ('week','weeks','w') THEN 'week'
    WHEN part IN ('day','days','d') THEN 'day'
    WHEN part IN ('hour','hours','h','hr','hrs') THEN 'hour'
    WHEN part IN ('minute','minutes','m','min','mins') THEN 'minute'
    WHEN part IN ('second','seconds','s','sec','secs') THEN 'second'
    WHEN part IN ('millisecond','milliseconds','ms','msec','msecs','msecond','mseconds','millisec','millisecs','millisecon') THEN 'millisecond'
    WHEN part IN ('microsecond','microseconds','us','usec','usecs','usecond','useconds','microsec','microsecs','microsecond') THEN 'microsecond'
    ELSE NULL END;
END $$;
CREATE OR REPLACE FUNCTION add_part(part text, amount bigint, value timestamp) RETURNS timestamp LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
  CASE "_redshift".part_name(part)
    WHEN 'year' THEN RETURN value + make_interval(years => amount::int);
    WHEN 'quarter' THEN RETURN value + make_interval(months => 3 * amount::int);
    WHEN 'month' THEN RETURN "_redshift".add_months(value, amount::int);
    WHEN 'week' THEN RETURN value + make_interval(weeks => amount::int);
    WHEN 'day' THEN RETURN value + make_interval(days => amount::int);
    WHEN 'hour' THEN RETURN value + interval '1 hour' * amount;
    WHEN 'minute' THEN RETURN value + interval '1 minute' * amount;
    WHEN 'second' THEN RETURN value + interval '1 second' * amount;
    WHEN 'millisecond' THEN RETURN value + interval '1 millisecond' * amount;
    WHEN 'microsecond' THEN RETURN value + interval '1 microsecond' * amount;
    ELSE RAISE EXCEPTION 'not supported by the local Redshift: the date part % in DATEADD', part USING ERRCODE = '0A000';
  END CASE;
END $$;
CREATE OR REPLACE FUNCTION dateadd(part text, amount bigint, value timestamp) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT "_redshift".add_part(part, amount, value) $$;
CREATE OR REPLACE FUNCTION dateadd(part text, amount bigint, value date) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT "_redshift".add_part(part, amount, value::timestamp) $$;
CREATE OR REPLACE FUNCTION dateadd(part text, amount bigint, value timestamptz) RETURNS timestamptz LANGUAGE sql STABLE STRICT AS $$
  SELECT "_redshift".add_part(part, amount, value AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' $$;
CREATE OR REPLACE FUNCTION date_add(part text, amount bigint, value timestamp) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT "_redshift".add_part(part, amount, value) $$;

-- The number of boundaries of the date part between the two (AWS: "DATEDIFF function").
CREATE OR REPLACE FUNCTION datediff(part text, a timestamp, b timestamp) RETURNS bigint LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE p text := "_redshift".part_name(part); x timestamp; y timestamp;
BEGIN
  IF p IS NULL OR p = 'week' THEN
    RAISE EXCEPTION 'not supported by the local Redshift: the date part % in DATEDIFF', part USING ERRCODE = '0A000';
  END IF;
  IF p = 'year' THEN RETURN date_part('year', b) - date_part('year', a); END IF;
  IF p = 'quarter' THEN RETURN 4 * (date_part('year', b) - date_part('year', a)) + date_part('quarter', b) - date_part('quarter', a); END IF;
  IF p = 'month' THEN RETURN 12 * (date_part('year', b) - date_part('year', a)) + date_part('month', b) - date_part('month', a); END IF;
  x := pg_catalog.date_trunc(p, a); y := pg_catalog.date_trunc(p, b);
  RETURN trunc(extract(epoch FROM y - x) * 1000000) /
    CASE p WHEN 'day' THEN 86400000000 WHEN 'hour' THEN 3600000000 WHEN 'minute' THEN 60000000
      WHEN 'second' THEN 1000000 WHEN 'millisecond' THEN 1000 ELSE 1 END;
END $$;
CREATE OR REPLACE FUNCTION date_diff(part text, a timestamp, b timestamp) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT "_redshift".datediff(part, a, b) $$;

CREATE OR REPLACE FUNCTION compact_json(value jsonb) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
  CASE jsonb_typeof(value)
    WHEN 'object' THEN RETURN '{' || coalesce((SELECT string_agg(to_json(key)::text || ':' || "_redshift".compact_json(v), ',') FROM jsonb_each(value) e(key, v)), '') || '}';
    WHEN 'array' THEN RETURN '[' || coalesce((SELECT string_agg("_redshift".compact_json(v), ',' ORDER BY n) FROM jsonb_array_elements(value) WITH ORDINALITY e(v, n)), '') || ']';
    ELSE RETURN value::text;
  END CASE;
END $$;
CREATE OR REPLACE FUNCTION "json_serialize"(value jsonb) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT "_redshift".compact_json(value) $$;
CREATE OR REPLACE FUNCTION json_serialize_to_varbyte(value jsonb) RETURNS bytea LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT convert_to("_redshift".compact_json(value), 'UTF8') $$;
CREATE OR REPLACE FUNCTION is_valid_json(value text) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT value IS JSON OBJECT OR value IS JSON ARRAY $$;
CREATE OR REPLACE FUNCTION json_typeof(value jsonb) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT jsonb_typeof(value) $$;
CREATE OR REPLACE FUNCTION get_array_length(value jsonb) RETURNS int LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT CASE WHEN jsonb_typeof(value) = 'array' THEN jsonb_array_length(value) END $$;

CREATE OR REPLACE FUNCTION to_varbyte(value text, format text) RETURNS bytea LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
  CASE lower(format)
    WHEN 'hex' THEN RETURN decode(value, 'hex');
    WHEN 'base64' THEN RETURN decode(value, 'base64');
    WHEN 'utf8' THEN RETURN convert_to(value, 'UTF8');
    WHEN 'utf-8' THEN RETURN convert_to(value, 'UTF8');
    ELSE RAISE EXCEPTION 'not supported by the local Redshift: the format % in TO_VARBYTE', format USING ERRCODE = '0A000';
  END CASE;
END $$;
CREATE OR REPLACE FUNCTION from_varbyte(value bytea, format text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
  CASE lower(format)
    WHEN 'hex' THEN RETURN encode(value, 'hex');
    WHEN 'base64' THEN RETURN encode(value, 'base64');
    WHEN 'utf8' THEN RETURN convert_from(value, 'UTF8');
    WHEN 'utf-8' THEN RETURN convert_from(value, 'UTF8');
    ELSE RAISE EXCEPTION 'not supported by the local Redshift: the format % in FROM_VARBYTE', format USING ERRCODE = '0A000';
  END CASE;
END $$;
CREATE OR REPLACE FUNCTION to_hex(value bytea) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT encode(value, 'hex') $$;
CREATE OR REPLACE FUNCTION to_hex(value bigint) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT pg_catalog.to_hex(value) $$;

CREATE OR REPLACE AGGREGATE listagg(text, text) (SFUNC = string_agg_transfn, STYPE = internal, FINALFUNC = string_agg_finalfn);

-- AVG of integers is a BIGINT, truncated towards zero (AWS: "AVG function").
CREATE OR REPLACE FUNCTION average_step(state numeric[], value bigint) RETURNS numeric[] LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN value IS NULL THEN state ELSE ARRAY[state[1] + 1, state[2] + value] END $$;
CREATE OR REPLACE FUNCTION average_end(state numeric[]) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN state[1] > 0 THEN pg_catalog.trunc(state[2] / state[1])::bigint END $$;
CREATE OR REPLACE FUNCTION average_step(state numeric[], value int) RETURNS numeric[] LANGUAGE sql IMMUTABLE AS $$ SELECT "_redshift".average_step(state, value::bigint) $$;
CREATE OR REPLACE FUNCTION average_step(state numeric[], value smallint) RETURNS numeric[] LANGUAGE sql IMMUTABLE AS $$ SELECT "_redshift".average_step(state, value::bigint) $$;
CREATE OR REPLACE AGGREGATE avg(bigint) (SFUNC = average_step, STYPE = numeric[], FINALFUNC = average_end, INITCOND = '{0,0}');
CREATE OR REPLACE AGGREGATE avg(int) (SFUNC = average_step, STYPE = numeric[], FINALFUNC = average_end, INITCOND = '{0,0}');
CREATE OR REPLACE AGGREGATE avg(smallint) (SFUNC = average_step, STYPE = numeric[], FINALFUNC = average_end, INITCOND = '{0,0}');
CREATE OR REPLACE AGGREGATE avg(numeric) (SFUNC = numeric_avg_accum, STYPE = internal, FINALFUNC = numeric_avg);
CREATE OR REPLACE AGGREGATE avg(float8) (SFUNC = float8_accum, STYPE = float8[], FINALFUNC = float8_avg, INITCOND = '{0,0,0}');
CREATE OR REPLACE AGGREGATE avg(float4) (SFUNC = float4_accum, STYPE = float8[], FINALFUNC = float8_avg, INITCOND = '{0,0,0}');
