-- What the server stores: statements and their results, what Redshift records about tables beyond PostgreSQL, and
-- the history of loads. Runs at every start; every command can be repeated.
CREATE SCHEMA IF NOT EXISTS "_redshift_state";
CREATE SCHEMA IF NOT EXISTS "_redshift";
SET search_path = "_redshift_state", pg_catalog;

CREATE SEQUENCE IF NOT EXISTS query_id START 1000;

CREATE TABLE IF NOT EXISTS statement (
  id uuid PRIMARY KEY,
  client_token text,
  request_hash text NOT NULL,
  request jsonb NOT NULL,
  is_batch boolean NOT NULL,
  status text NOT NULL,
  error text,
  pid int,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  duration_ns bigint NOT NULL DEFAULT -1
);
CREATE UNIQUE INDEX IF NOT EXISTS statement_client_token ON statement (client_token);
CREATE INDEX IF NOT EXISTS statement_created_at ON statement (created_at, id);

CREATE TABLE IF NOT EXISTS statement_part (
  statement_id uuid NOT NULL REFERENCES statement ON DELETE CASCADE,
  number int NOT NULL,
  sql text NOT NULL,
  status text NOT NULL,
  error text,
  command text,
  has_result_set boolean NOT NULL DEFAULT false,
  result_rows bigint NOT NULL DEFAULT -1,
  result_bytes bigint NOT NULL DEFAULT -1,
  duration_ns bigint NOT NULL DEFAULT -1,
  query_id bigint NOT NULL DEFAULT nextval('query_id'),
  column_metadata jsonb,
  started_at timestamptz,
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (statement_id, number)
);
CREATE INDEX IF NOT EXISTS statement_part_query_id ON statement_part (query_id);


-- A row here was written by the statement's own transaction: it exists exactly when the work was committed.
CREATE TABLE IF NOT EXISTS commit_mark (statement_id uuid PRIMARY KEY);

CREATE TABLE IF NOT EXISTS long_name (physical text PRIMARY KEY, name text NOT NULL);

CREATE TABLE IF NOT EXISTS identity (
  kind text NOT NULL,
  name text NOT NULL,
  role_name name NOT NULL UNIQUE,
  PRIMARY KEY (kind, name)
);

CREATE TABLE IF NOT EXISTS table_record (relid oid PRIMARY KEY, attributes jsonb NOT NULL);
CREATE TABLE IF NOT EXISTS column_record (
  relid oid NOT NULL,
  attnum int NOT NULL,
  display_type text NOT NULL,
  encoding text NOT NULL,
  PRIMARY KEY (relid, attnum)
);
-- `definition` is the query, `sql` the whole statement that created the view, as it was sent.
CREATE TABLE IF NOT EXISTS late_binding_view (relid oid PRIMARY KEY, definition text NOT NULL);
ALTER TABLE late_binding_view ADD COLUMN IF NOT EXISTS sql text;
-- Bound views that PostgreSQL's text does not create again: their query as it was sent.
CREATE TABLE IF NOT EXISTS bound_view (relid oid PRIMARY KEY, query text NOT NULL);

CREATE TABLE IF NOT EXISTS load (
  query_id bigint PRIMARY KEY,
  pid int NOT NULL,
  status text NOT NULL,
  table_id oid,
  table_name text NOT NULL,
  start_time timestamp NOT NULL,
  end_time timestamp,
  data_source text NOT NULL,
  loaded_rows bigint NOT NULL DEFAULT 0,
  loaded_bytes bigint NOT NULL DEFAULT 0,
  source_file_count bigint NOT NULL DEFAULT 0,
  source_file_bytes bigint NOT NULL DEFAULT 0,
  error_count bigint NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS load_error (
  query_id bigint NOT NULL,
  pid int NOT NULL,
  table_id oid NOT NULL,
  start_time timestamp NOT NULL,
  file_name text NOT NULL,
  line_number bigint NOT NULL,
  column_name text NOT NULL,
  column_type text NOT NULL,
  column_length text NOT NULL,
  position int NOT NULL,
  raw_line text NOT NULL,
  raw_field_value text NOT NULL,
  error_code int NOT NULL,
  error_message text NOT NULL
);
CREATE INDEX IF NOT EXISTS load_error_query_id ON load_error (query_id);
-- The same, written inside the COPY's transaction for its later statements. Not needed after the transaction.
CREATE UNLOGGED TABLE IF NOT EXISTS load_inside (LIKE load INCLUDING DEFAULTS);
CREATE UNLOGGED TABLE IF NOT EXISTS load_error_inside (LIKE load_error);
TRUNCATE load_inside, load_error_inside;

CREATE OR REPLACE FUNCTION record_table(table_oid regclass, record jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "_redshift_state".table_record VALUES (table_oid, record - 'columns') ON CONFLICT DO NOTHING;
  INSERT INTO "_redshift_state".column_record
    SELECT table_oid, a.attnum, c->>'display', c->>'encode'
    FROM jsonb_array_elements(record->'columns') c
    JOIN pg_attribute a ON a.attrelid = table_oid AND a.attname = c->>'name'
    ON CONFLICT DO NOTHING;
END $$;

CREATE OR REPLACE FUNCTION record_primary_key(table_oid regclass, columns jsonb) RETURNS void LANGUAGE sql AS $$
  UPDATE "_redshift_state".table_record SET attributes = jsonb_set(attributes, '{primaryKey}', columns)
  WHERE relid = table_oid AND jsonb_array_length(columns) > 0
$$;

DROP FUNCTION IF EXISTS record_late_binding_view(regclass, text);
CREATE OR REPLACE FUNCTION record_late_binding_view(view_oid regclass, definition text, sql text) RETURNS void LANGUAGE sql AS $$
  INSERT INTO "_redshift_state".late_binding_view VALUES (view_oid, definition, sql)
  ON CONFLICT (relid) DO UPDATE SET definition = excluded.definition, sql = excluded.sql
$$;

CREATE OR REPLACE FUNCTION record_bound_view(view_oid regclass, query text) RETURNS void LANGUAGE sql AS $$
  DELETE FROM "_redshift_state".late_binding_view WHERE relid = view_oid;
  DELETE FROM "_redshift_state".bound_view WHERE relid = view_oid;
  INSERT INTO "_redshift_state".bound_view SELECT view_oid, query WHERE query IS NOT NULL;
$$;

-- Removes the records of dropped tables: PostgreSQL reuses oids.
CREATE OR REPLACE FUNCTION forget_dropped() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM "_redshift_state".table_record WHERE relid IN
    (SELECT objid FROM pg_event_trigger_dropped_objects() WHERE classid = 'pg_class'::regclass AND objsubid = 0);
  DELETE FROM "_redshift_state".column_record WHERE (relid, attnum) IN
    (SELECT objid, objsubid FROM pg_event_trigger_dropped_objects() WHERE classid = 'pg_class'::regclass)
    OR relid IN (SELECT objid FROM pg_event_trigger_dropped_objects() WHERE classid = 'pg_class'::regclass AND objsubid = 0);
  DELETE FROM "_redshift_state".bound_view WHERE relid IN
    (SELECT objid FROM pg_event_trigger_dropped_objects() WHERE classid = 'pg_class'::regclass AND objsubid = 0);
  DELETE FROM "_redshift_state".late_binding_view WHERE relid IN
    (SELECT objid FROM pg_event_trigger_dropped_objects() WHERE classid = 'pg_class'::regclass AND objsubid = 0);
END $$;
DROP EVENT TRIGGER IF EXISTS redshift_forget_dropped;
CREATE EVENT TRIGGER redshift_forget_dropped ON sql_drop EXECUTE FUNCTION "_redshift_state".forget_dropped();

CREATE OR REPLACE FUNCTION create_identity(identity_kind text, identity_name text, role text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM "_redshift_state".identity i WHERE i.kind = identity_kind AND i.name = identity_name) THEN
    RAISE EXCEPTION '% "%" already exists', identity_kind, identity_name USING ERRCODE = '42710';
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
    EXECUTE format('CREATE ROLE %I', role);
  END IF;
  INSERT INTO "_redshift_state".identity VALUES (identity_kind, identity_name, role);
END $$;

CREATE OR REPLACE FUNCTION drop_identity(identity_kind text, identity_name text, if_exists boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE role text;
BEGIN
  DELETE FROM "_redshift_state".identity i WHERE i.kind = identity_kind AND i.name = identity_name
  RETURNING role_name INTO role;
  IF role IS NULL AND NOT if_exists THEN
    RAISE EXCEPTION '% "%" does not exist', identity_kind, identity_name USING ERRCODE = '42704';
  END IF;
  IF role IS NOT NULL THEN
    EXECUTE format('DROP ROLE %I', role);
  END IF;
END $$;
