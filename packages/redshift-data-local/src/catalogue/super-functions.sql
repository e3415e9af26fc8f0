-- SUPER: reading, building and casting semistructured values.
SET search_path = "_redshift", pg_catalog;

-- One string inside a SUPER value is limited like a VARCHAR (AWS: "Limitations" of SUPER).
CREATE OR REPLACE FUNCTION check_super(value jsonb) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
  IF octet_length(value::text) > 65535 AND EXISTS (
    WITH RECURSIVE part(v) AS (
      SELECT value UNION ALL
      SELECT m.v FROM part p CROSS JOIN LATERAL (
        SELECT e.v FROM jsonb_array_elements(CASE WHEN jsonb_typeof(p.v) = 'array' THEN p.v ELSE '[]' END) e(v)
        UNION ALL SELECT e.v FROM jsonb_each(CASE WHEN jsonb_typeof(p.v) = 'object' THEN p.v ELSE '{}' END) e(k, v)) m)
    SELECT FROM part WHERE jsonb_typeof(v) = 'string' AND octet_length(v #>> '{}') > 65535) THEN
    RAISE EXCEPTION 'String value exceeds the max size of 65535 bytes' USING ERRCODE = '22001';
  END IF;
  IF octet_length(value::text) > 16777216 THEN
    RAISE EXCEPTION 'Value exceeds the max size of SUPER, 16777216 bytes' USING ERRCODE = '22001';
  END IF;
  RETURN value;
END $$;
CREATE OR REPLACE FUNCTION json_parse(value text) RETURNS jsonb LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT "_redshift".check_super(value::jsonb) $$;
CREATE OR REPLACE FUNCTION can_json_parse(value text) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT value IS JSON $$;

-- PostgreSQL treats a scalar as an array of one.
CREATE OR REPLACE FUNCTION super_item(value jsonb, place int) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN jsonb_typeof(value) = 'array' THEN value -> place END $$;
CREATE OR REPLACE FUNCTION array_members(value jsonb) RETURNS TABLE (value jsonb, "position" bigint) LANGUAGE sql IMMUTABLE AS $$
  SELECT e.v, e.n FROM jsonb_array_elements(CASE WHEN jsonb_typeof($1) = 'array' THEN $1 END) WITH ORDINALITY e(v, n) $$;
CREATE OR REPLACE FUNCTION is_array(value jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT coalesce(jsonb_typeof(value) = 'array', false) $$;
CREATE OR REPLACE FUNCTION is_object(value jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT coalesce(jsonb_typeof(value) = 'object', false) $$;
CREATE OR REPLACE FUNCTION is_scalar(value jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT coalesce(jsonb_typeof(value) IN ('string', 'number', 'boolean'), false) $$;
CREATE OR REPLACE FUNCTION is_varchar(value jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT coalesce(jsonb_typeof(value) = 'string', false) $$;
CREATE OR REPLACE FUNCTION is_boolean(value jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT coalesce(jsonb_typeof(value) = 'boolean', false) $$;
CREATE OR REPLACE FUNCTION is_whole(value jsonb, low numeric, high numeric) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN jsonb_typeof(value) = 'number' THEN trunc(value::numeric) = value::numeric AND value::numeric BETWEEN low AND high ELSE false END $$;
CREATE OR REPLACE FUNCTION is_smallint(value jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT "_redshift".is_whole(value, -32768, 32767) $$;
CREATE OR REPLACE FUNCTION is_integer(value jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT "_redshift".is_whole(value, -2147483648, 2147483647) $$;
CREATE OR REPLACE FUNCTION is_bigint(value jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT "_redshift".is_whole(value, -9223372036854775808, 9223372036854775807) $$;
CREATE OR REPLACE FUNCTION json_size(value jsonb) RETURNS int LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT octet_length("_redshift".compact_json(value)) $$;

CREATE OR REPLACE FUNCTION is_valid_json_array(value text) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT value IS JSON ARRAY $$;
CREATE OR REPLACE FUNCTION json_array_length(value text, null_if_invalid boolean DEFAULT false) RETURNS int LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
  IF null_if_invalid AND NOT value IS JSON ARRAY THEN RETURN NULL; END IF;
  IF NOT value IS JSON ARRAY THEN RAISE EXCEPTION 'JSON parsing error: invalid array object %', value USING ERRCODE = '22032'; END IF;
  RETURN jsonb_array_length(value::jsonb);
END $$;
CREATE OR REPLACE FUNCTION json_extract_array_element_text(value text, place int, null_if_invalid boolean DEFAULT false) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
  IF null_if_invalid AND NOT value IS JSON ARRAY THEN RETURN NULL; END IF;
  IF NOT value IS JSON ARRAY THEN RAISE EXCEPTION 'JSON parsing error: invalid array object %', value USING ERRCODE = '22032'; END IF;
  RETURN CASE WHEN place < 0 THEN NULL ELSE value::jsonb ->> place END;
END $$;
-- An empty string if the path leads nowhere (AWS: "JSON_EXTRACT_PATH_TEXT function").
DROP FUNCTION IF EXISTS json_extract_path_text(text, text[]);
CREATE OR REPLACE FUNCTION json_extract_path_text(value text, VARIADIC path text[]) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF value IS NULL THEN RETURN NULL; END IF;
  IF path[array_upper(path, 1)] IN ('true', 'false') AND array_length(path, 1) > 1 THEN
    IF path[array_upper(path, 1)] = 'true' AND NOT value IS JSON OBJECT THEN RETURN NULL; END IF;
    path := path[1:array_upper(path, 1) - 1];
  END IF;
  IF NOT value IS JSON OBJECT THEN RAISE EXCEPTION 'JSON parsing error: invalid json object %', value USING ERRCODE = '22032'; END IF;
  RETURN coalesce("_redshift".compact_text(value::jsonb #> path), '');
END $$;
CREATE OR REPLACE FUNCTION compact_text(value jsonb) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT CASE WHEN jsonb_typeof(value) IN ('object', 'array') THEN "_redshift".compact_json(value) ELSE value #>> '{}' END $$;

-- Casts of paths into SUPER values: what does not fit is NULL. Objects and arrays are not text.
CREATE OR REPLACE FUNCTION super_varchar(value jsonb) RETURNS varchar LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT CASE WHEN jsonb_typeof(value) IN ('object', 'array') THEN NULL ELSE value #>> '{}' END $$;
CREATE OR REPLACE FUNCTION super_char(value jsonb) RETURNS varchar LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT "_redshift".super_varchar(value) $$;
CREATE OR REPLACE FUNCTION super_numeric(value jsonb) RETURNS numeric LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN RETURN (value #>> '{}')::numeric; EXCEPTION WHEN data_exception THEN RETURN NULL; END $$;
CREATE OR REPLACE FUNCTION super_double(value jsonb) RETURNS float8 LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN RETURN (value #>> '{}')::float8; EXCEPTION WHEN data_exception THEN RETURN NULL; END $$;
CREATE OR REPLACE FUNCTION super_real(value jsonb) RETURNS float4 LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN RETURN (value #>> '{}')::float4; EXCEPTION WHEN data_exception THEN RETURN NULL; END $$;
CREATE OR REPLACE FUNCTION super_bigint(value jsonb) RETURNS bigint LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN RETURN round("_redshift".super_numeric(value))::bigint; EXCEPTION WHEN data_exception THEN RETURN NULL; END $$;
CREATE OR REPLACE FUNCTION super_integer(value jsonb) RETURNS int LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN RETURN round("_redshift".super_numeric(value))::int; EXCEPTION WHEN data_exception THEN RETURN NULL; END $$;
CREATE OR REPLACE FUNCTION super_smallint(value jsonb) RETURNS smallint LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN RETURN round("_redshift".super_numeric(value))::smallint; EXCEPTION WHEN data_exception THEN RETURN NULL; END $$;
CREATE OR REPLACE FUNCTION super_boolean(value jsonb) RETURNS boolean LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN RETURN (value #>> '{}')::boolean; EXCEPTION WHEN data_exception THEN RETURN NULL; END $$;
CREATE OR REPLACE FUNCTION super_date(value jsonb) RETURNS date LANGUAGE plpgsql STABLE STRICT AS $$
BEGIN RETURN (value #>> '{}')::date; EXCEPTION WHEN data_exception THEN RETURN NULL; END $$;
CREATE OR REPLACE FUNCTION super_timestamp(value jsonb) RETURNS timestamp LANGUAGE plpgsql STABLE STRICT AS $$
BEGIN RETURN (value #>> '{}')::timestamp; EXCEPTION WHEN data_exception THEN RETURN NULL; END $$;
CREATE OR REPLACE FUNCTION super_timestamptz(value jsonb) RETURNS timestamptz LANGUAGE plpgsql STABLE STRICT AS $$
BEGIN RETURN (value #>> '{}')::timestamptz; EXCEPTION WHEN data_exception THEN RETURN NULL; END $$;

-- `column::varchar` of a SUPER column is its scalar, not its JSON.
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_cast WHERE castsource = 'jsonb'::regtype AND casttarget = 'varchar'::regtype) THEN
    CREATE CAST (jsonb AS varchar) WITH FUNCTION "_redshift".super_varchar(jsonb);
  END IF;
END $$;
