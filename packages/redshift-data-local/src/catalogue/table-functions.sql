-- What statements need beyond PostgreSQL: the rules of MERGE, CREATE TABLE AS, LIKE, APPEND.
SET search_path = "_redshift_state", pg_catalog;

CREATE OR REPLACE FUNCTION require_table(relation regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT relkind FROM pg_class WHERE oid = relation) <> 'r' THEN
    RAISE EXCEPTION 'MERGE source must be a table: "%" is a view', (SELECT relname FROM pg_class WHERE oid = relation) USING ERRCODE = '0A000';
  END IF;
END $$;

-- CREATE TABLE AS: types without a length get Redshift's maximum, and numbers the scale that their values need.
CREATE OR REPLACE FUNCTION settle_types(relation regclass) RETURNS void LANGUAGE plpgsql AS $$
DECLARE c record; digits int; bytes int; id text;
BEGIN
  FOR c IN SELECT attname, attnum, atttypid, atttypmod FROM pg_attribute WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped LOOP
    id := left(encode(sha256(convert_to(c.attname, 'UTF8')), 'hex'), 16);
    IF c.atttypid IN ('text'::regtype, 'unknown'::regtype) OR (c.atttypid = 'varchar'::regtype) THEN
      bytes := CASE WHEN c.atttypid = 'varchar'::regtype AND c.atttypmod > 4 THEN c.atttypmod - 4 ELSE 65535 END;
      EXECUTE format('ALTER TABLE %s ALTER COLUMN %I TYPE varchar(%s), ADD CONSTRAINT %I CHECK (octet_length(%I) <= %s)',
        relation, c.attname, bytes, format('bytes of character varying(%s) %s', bytes, id), c.attname, bytes);
      INSERT INTO "_redshift_state".column_record VALUES (relation, c.attnum, format('character varying(%s)', bytes), 'auto') ON CONFLICT DO NOTHING;
    ELSIF c.atttypid = 'numeric'::regtype AND c.atttypmod = -1 THEN
      EXECUTE format('SELECT least(37, coalesce(max(scale(%I)), 0)) FROM %s', c.attname, relation) INTO digits;
      EXECUTE format('ALTER TABLE %s ALTER COLUMN %I TYPE numeric(38,%s)', relation, c.attname, digits);
    ELSIF c.atttypid = 'bytea'::regtype THEN
      INSERT INTO "_redshift_state".column_record VALUES (relation, c.attnum, 'binary varying(64000)', 'auto') ON CONFLICT DO NOTHING;
    END IF;
  END LOOP;
END $$;

CREATE OR REPLACE FUNCTION copy_table_record(relation regclass, parent regclass) RETURNS void LANGUAGE sql AS $$
  INSERT INTO "_redshift_state".table_record
    SELECT relation, attributes || '{"primaryKey":[]}' FROM "_redshift_state".table_record WHERE relid = parent ON CONFLICT DO NOTHING;
  INSERT INTO "_redshift_state".column_record
    SELECT relation, n.attnum, r.display_type, r.encoding FROM "_redshift_state".column_record r
    JOIN pg_attribute o ON o.attrelid = parent AND o.attnum = r.attnum
    JOIN pg_attribute n ON n.attrelid = relation AND n.attname = o.attname
    WHERE r.relid = parent ON CONFLICT DO NOTHING;
$$;

-- ALTER COLUMN TYPE VARCHAR(n): drops the byte check of the old size; the statement itself adds the new one.
CREATE OR REPLACE FUNCTION forget_varchar(relation regclass, column_name text, new_display text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE number int; kind oid; old_check text;
BEGIN
  SELECT attnum, atttypid INTO number, kind FROM pg_attribute WHERE attrelid = relation AND attname = column_name AND NOT attisdropped;
  IF number IS NULL THEN
    RAISE EXCEPTION 'column "%" of relation "%" does not exist', column_name, relation USING ERRCODE = '42703';
  ELSIF kind <> 'varchar'::regtype THEN
    RAISE EXCEPTION 'ALTER COLUMN TYPE can only change the size of a VARCHAR column' USING ERRCODE = '0A000';
  ELSIF EXISTS (SELECT FROM "_redshift_state".table_record WHERE relid = relation AND attributes -> 'primaryKey' ? column_name) THEN
    RAISE EXCEPTION 'cannot alter column "%": it is in a primary key', column_name USING ERRCODE = '0A000';
  ELSIF EXISTS (SELECT FROM pg_attrdef WHERE adrelid = relation AND adnum = number) THEN
    RAISE EXCEPTION 'cannot alter column "%": it has a default', column_name USING ERRCODE = '0A000';
  ELSIF EXISTS (SELECT FROM "_redshift_state".column_record WHERE relid = relation AND attnum = number AND encoding IN ('bytedict', 'runlength', 'text255', 'text32k')) THEN
    RAISE EXCEPTION 'cannot alter column "%": its encoding does not allow it', column_name USING ERRCODE = '0A000';
  END IF;
  FOR old_check IN SELECT conname FROM pg_constraint WHERE conrelid = relation AND contype = 'c' AND conkey = ARRAY[number::smallint] LOOP
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', relation, old_check);
  END LOOP;
  UPDATE "_redshift_state".column_record SET display_type = new_display WHERE relid = relation AND attnum = number;
END $$;

-- ALTER TABLE APPEND: rows move to columns of the same name, whose definitions must be identical.
CREATE OR REPLACE FUNCTION append_table(target regclass, source regclass, extra text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE different text; list text; only_source boolean; only_target boolean; t_record jsonb; s_record jsonb;
BEGIN
  IF target = source THEN RAISE EXCEPTION 'cannot append a table to itself' USING ERRCODE = '0A000'; END IF;
  IF EXISTS (SELECT FROM pg_class WHERE oid IN (target, source) AND (relpersistence = 't' OR relkind <> 'r')) THEN
    RAISE EXCEPTION 'ALTER TABLE APPEND takes permanent tables only' USING ERRCODE = '0A000';
  END IF;
  SELECT attributes - 'primaryKey' INTO t_record FROM "_redshift_state".table_record WHERE relid = target;
  SELECT attributes - 'primaryKey' INTO s_record FROM "_redshift_state".table_record WHERE relid = source;
  IF t_record IS DISTINCT FROM s_record THEN
    RAISE EXCEPTION 'The distribution and sort keys of source and target must be the same' USING ERRCODE = '42809';
  END IF;
  SELECT s.attname INTO different
    FROM pg_attribute s JOIN pg_attribute t ON t.attrelid = target AND t.attname = s.attname AND t.attnum > 0 AND NOT t.attisdropped
    LEFT JOIN "_redshift_state".column_record sr ON sr.relid = source AND sr.attnum = s.attnum
    LEFT JOIN "_redshift_state".column_record tr ON tr.relid = target AND tr.attnum = t.attnum
    WHERE s.attrelid = source AND s.attnum > 0 AND NOT s.attisdropped AND
      ((s.atttypid, s.atttypmod, s.attnotnull, sr.display_type, sr.encoding) IS DISTINCT FROM (t.atttypid, t.atttypmod, t.attnotnull, tr.display_type, tr.encoding)
        OR (s.attidentity = 'a' AND t.attidentity = 'a')) LIMIT 1;
  IF different IS NOT NULL THEN
    RAISE EXCEPTION 'Column "%" has different attributes in source and target, or is an identity column in both', different USING ERRCODE = '42804';
  END IF;
  SELECT bool_or(t.attname IS NULL), string_agg(quote_ident(s.attname), ', ' ORDER BY s.attnum) FILTER (WHERE t.attname IS NOT NULL AND t.attidentity <> 'a')
    INTO only_source, list
    FROM pg_attribute s LEFT JOIN pg_attribute t ON t.attrelid = target AND t.attname = s.attname AND t.attnum > 0 AND NOT t.attisdropped
    WHERE s.attrelid = source AND s.attnum > 0 AND NOT s.attisdropped;
  only_target := EXISTS (SELECT FROM pg_attribute t WHERE t.attrelid = target AND t.attnum > 0 AND NOT t.attisdropped
    AND NOT EXISTS (SELECT FROM pg_attribute s WHERE s.attrelid = source AND s.attname = t.attname AND s.attnum > 0 AND NOT s.attisdropped));
  IF only_source AND extra <> 'ignoreextra' THEN
    RAISE EXCEPTION 'The source table has columns the target has not: use IGNOREEXTRA' USING ERRCODE = '42804';
  END IF;
  IF only_target AND extra <> 'filltarget' THEN
    RAISE EXCEPTION 'The target table has columns the source has not: use FILLTARGET' USING ERRCODE = '42804';
  END IF;
  EXECUTE format('INSERT INTO %s (%s) SELECT %s FROM %s', target, list, list, source);
  EXECUTE format('TRUNCATE TABLE %s', source);
END $$;
