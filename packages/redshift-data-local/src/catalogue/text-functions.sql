-- Redshift's functions on texts, numbers and dates that PostgreSQL lacks or defines differently.
SET search_path = "_redshift", pg_catalog;

-- A cast to VARCHAR(n) cuts to n bytes, between characters.
CREATE OR REPLACE FUNCTION cut_long_bytes(value text, bytes int) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE kept int := bytes; whole bytea := convert_to(value, 'UTF8');
BEGIN
  WHILE kept > 0 AND (get_byte(whole, kept) & 192) = 128 LOOP kept := kept - 1; END LOOP;
  RETURN convert_from(substring(whole FROM 1 FOR kept), 'UTF8');
END $$;
CREATE OR REPLACE FUNCTION cut_bytes(value text, bytes int) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN octet_length(value) <= bytes THEN value ELSE "_redshift".cut_long_bytes(value, bytes) END $$;

CREATE OR REPLACE FUNCTION charindex(part text, value text) RETURNS int LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT strpos(value, part) $$;
CREATE OR REPLACE FUNCTION replicate(value text, times int) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT repeat(value, times) $$;

-- PostgreSQL accepts negative numbers since version 14. Redshift accepts positive numbers only.
CREATE OR REPLACE FUNCTION split_part(value text, delimiter text, part int) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
  IF part < 1 THEN RAISE EXCEPTION 'field position must be greater than zero' USING ERRCODE = '22023'; END IF;
  RETURN pg_catalog.split_part(value, delimiter, part);
END $$;

CREATE OR REPLACE FUNCTION strtol(value text, base int) RETURNS bigint LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE digits text := lower(trim(value)); result numeric := 0; sign int := 1; digit int; i int;
BEGIN
  IF base < 2 OR base > 36 THEN RAISE EXCEPTION 'The input base % is not between 2 and 36', base USING ERRCODE = '22023'; END IF;
  IF digits ~ '^[+-]' THEN sign := CASE WHEN digits ~ '^-' THEN -1 ELSE 1 END; digits := substr(digits, 2); END IF;
  IF base = 16 AND digits ~ '^0x' THEN digits := substr(digits, 3); END IF;
  IF digits = '' THEN RAISE EXCEPTION 'The input % is not valid to be converted to base %', value, base USING ERRCODE = '22023'; END IF;
  FOR i IN 1..length(digits) LOOP
    digit := strpos('0123456789abcdefghijklmnopqrstuvwxyz', substr(digits, i, 1)) - 1;
    IF digit < 0 OR digit >= base THEN
      RAISE EXCEPTION 'The input % is not valid to be converted to base %', value, base USING ERRCODE = '22023';
    END IF;
    result := result * base + digit;
  END LOOP;
  RETURN (sign * result)::bigint;
END $$;

-- Parameters of the regular expression functions: c (case counts), i (it does not), e (the first group), p is PCRE.
CREATE OR REPLACE FUNCTION regexp_flags(parameters text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
  IF parameters !~ '^[cie]*$' THEN
    RAISE EXCEPTION 'not supported by the local Redshift: the parameters % of a regular expression', parameters USING ERRCODE = '0A000';
  END IF;
  RETURN replace(parameters, 'e', '');
END $$;
CREATE OR REPLACE FUNCTION regexp_substr(value text, pattern text, start int DEFAULT 1, occurrence int DEFAULT 1, parameters text DEFAULT 'c')
RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT coalesce(pg_catalog.regexp_substr(value, pattern, start, occurrence, "_redshift".regexp_flags(parameters), CASE WHEN strpos(parameters, 'e') > 0 THEN 1 ELSE 0 END), '') $$;
CREATE OR REPLACE FUNCTION regexp_count(value text, pattern text, start int DEFAULT 1, parameters text DEFAULT 'c')
RETURNS int LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT pg_catalog.regexp_count(value, pattern, start, "_redshift".regexp_flags(parameters)) $$;
CREATE OR REPLACE FUNCTION regexp_instr(value text, pattern text, start int DEFAULT 1, occurrence int DEFAULT 1, after int DEFAULT 0, parameters text DEFAULT 'c')
RETURNS int LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT pg_catalog.regexp_instr(value, pattern, start, occurrence, after, "_redshift".regexp_flags(parameters)) $$;
-- Every occurrence is replaced; $1 is the first group.
CREATE OR REPLACE FUNCTION regexp_replace(value text, pattern text, replacement text DEFAULT '', start int DEFAULT 1, parameters text DEFAULT 'c')
RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT left(value, start - 1) || pg_catalog.regexp_replace(substr(value, start), pattern,
    pg_catalog.regexp_replace(replace(replacement, '\', '\\'), '\$(\d)', '\\\1', 'g'), 'g' || "_redshift".regexp_flags(parameters)) $$;

CREATE OR REPLACE FUNCTION sha2(value text, bits int) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE bytes bytea := convert_to(value, 'UTF8');
BEGIN
  CASE bits
    WHEN 0, 256 THEN RETURN encode(sha256(bytes), 'hex');
    WHEN 224 THEN RETURN encode(sha224(bytes), 'hex');
    WHEN 384 THEN RETURN encode(sha384(bytes), 'hex');
    WHEN 512 THEN RETURN encode(sha512(bytes), 'hex');
    ELSE RETURN NULL;
  END CASE;
END $$;
CREATE OR REPLACE FUNCTION from_hex(value text) RETURNS bytea LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT decode(value, 'hex') $$;

-- Dates.
CREATE OR REPLACE FUNCTION months_between(a timestamp, b timestamp) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT (12 * (date_part('year', a) - date_part('year', b)) + date_part('month', a) - date_part('month', b)) +
    CASE WHEN date_part('day', a) = date_part('day', b) OR ("_redshift".last_day(a) = a::date AND "_redshift".last_day(b) = b::date) THEN 0
      ELSE (date_part('day', a) - date_part('day', b)) / 31 + extract(epoch FROM a::time - b::time) / 2678400 END $$;
CREATE OR REPLACE FUNCTION next_day(value timestamp, day text) RETURNS date LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE wanted int := CASE left(lower(day), 2) WHEN 'su' THEN 0 WHEN 'mo' THEN 1 WHEN 'tu' THEN 2 WHEN 'we' THEN 3 WHEN 'th' THEN 4 WHEN 'fr' THEN 5 WHEN 'sa' THEN 6 END;
BEGIN
  IF wanted IS NULL THEN RAISE EXCEPTION 'invalid day of the week: %', day USING ERRCODE = '22023'; END IF;
  RETURN value::date + ((wanted - date_part('dow', value)::int + 6) % 7) + 1;
END $$;
CREATE OR REPLACE FUNCTION convert_timezone(target text, value timestamp) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT value AT TIME ZONE 'UTC' AT TIME ZONE target $$;
CREATE OR REPLACE FUNCTION convert_timezone(source text, target text, value timestamp) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT value AT TIME ZONE source AT TIME ZONE target $$;
CREATE OR REPLACE FUNCTION date_part_year(value date) RETURNS int LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT date_part('year', value)::int $$;
CREATE OR REPLACE FUNCTION date_cmp(a date, b date) RETURNS int LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT CASE WHEN a < b THEN -1 WHEN a > b THEN 1 ELSE 0 END $$;
CREATE OR REPLACE FUNCTION dexp(value double precision) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT exp(value) $$;
CREATE OR REPLACE FUNCTION dlog10(value double precision) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT log(value) $$;
