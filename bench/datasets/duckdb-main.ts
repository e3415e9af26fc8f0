import { mkdirSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';

/** The benchmark's job in DuckDB alone: `duckdb-main.ts <directory of .json.gz> <directory for Parquet> <threads>`. */
const [source = '', target = '', threads = '1'] = process.argv.slice(2);
mkdirSync(target, { recursive: true });
const instance = await DuckDBInstance.create(':memory:', {
  threads,
  memory_limit: '4GB',
  temp_directory: `${target}-temporary`,
});
const connection = await instance.connect();
await connection.run("SET timezone = 'UTC'");
const payload = [
  ...['sessionId', 'method', 'requestURL', 'queryString', 'userAgent', 'host'].map(
    (name) => `${name} VARCHAR`,
  ),
  ...['timestamp', 'userId', 'responseStatus', 'elapseMS'].map((name) => `${name} BIGINT`),
  'success BOOLEAN',
].join(', ');
await connection.run(`
  COPY (
    SELECT payload.sessionId AS session_id, make_timestamptz(payload.timestamp * 1000) AS timestamp, payload.userId AS user_id,
      payload.method AS method, payload.requestURL AS request_url, payload.queryString AS query_string,
      payload.userAgent AS user_agent, payload.host AS host, payload.responseStatus AS response_status,
      payload.elapseMS AS elapse_ms, payload.success AS success, stack,
      payload.method || ' ' || regexp_replace(lower(payload.requestURL), '/(syn)?[0-9]+', '/#', 'g') AS signature,
      CASE WHEN contains(payload.userAgent, 'synapser') THEN 'R' WHEN contains(payload.userAgent, 'python') THEN 'PYTHON'
        WHEN contains(payload.userAgent, 'Mozilla') THEN 'WEB' ELSE 'UNKNOWN' END AS client,
      strftime(make_timestamptz(payload.timestamp * 1000), '%Y-%m-%d') AS record_date
    FROM read_json('${source}/*.json.gz', format = 'newline_delimited', columns = {stack: 'VARCHAR', payload: 'STRUCT(${payload})'})
    ORDER BY record_date, session_id
  ) TO '${target}' (FORMAT parquet, CODEC zstd, PARTITION_BY (record_date), OVERWRITE_OR_IGNORE)`);
const counted = await connection.runAndReadAll(
  `SELECT count(*)::VARCHAR FROM read_parquet('${target}/**/*.parquet')`,
);
console.log(counted.getRows()[0]?.[0]);
