-- What src/statements stores, in addition to the tables of catalogue/state.sql. Runs at every start.
SET search_path = "_redshift_state", pg_catalog;

ALTER TABLE statement ADD COLUMN IF NOT EXISTS session_id uuid;

-- A page is what one GetStatementResult returns: rows as JSON arrays with commas between them, or lines of CSV.
CREATE TABLE IF NOT EXISTS result_page (
  statement_id uuid NOT NULL,
  number int NOT NULL,
  first_row bigint NOT NULL,
  row_count bigint NOT NULL,
  content text NOT NULL,
  PRIMARY KEY (statement_id, number, first_row)
);
DROP TABLE IF EXISTS result_row;

-- Events that the real service would have sent to EventBridge.
CREATE TABLE IF NOT EXISTS statement_event (
  number bigserial PRIMARY KEY,
  statement_id uuid NOT NULL,
  event jsonb NOT NULL
);
