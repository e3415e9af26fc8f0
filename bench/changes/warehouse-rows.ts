import pg from 'pg';
import { KEY, ROOT_COLUMNS } from './changing-items.ts';

/** How far a schema is in one shard of the log. */
interface ShardPosition {
  readonly epoch: string;
  readonly shard: string;
  readonly checkpoint: number;
}

/**
 * The rows of a schema, read from the PostgreSQL behind the local Redshift: the Data API would be a load of its own. A query of
 * the positions waits for an apply that runs, and so returns as soon as that is visible.
 */
export class WarehouseRows {
  readonly #client: pg.Client;
  readonly #schema: string;

  private constructor(client: pg.Client, schema: string) {
    this.#client = client;
    this.#schema = schema;
  }

  static async connect(url: string, schema: string): Promise<WarehouseRows> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    return new WarehouseRows(client, schema);
  }

  async positions(): Promise<ShardPosition[]> {
    const { rows } = await this.#client.query<{ epoch: string; shard: string; checkpoint: string }>(
      `SELECT "epoch", "shard", "checkpoint" FROM "${this.#schema}"."_tributary_positions"`,
    );
    return rows.map(({ checkpoint, ...place }) => ({ ...place, checkpoint: Number(checkpoint) }));
  }

  /** Of each row of the root table, the digest of its values. */
  async root(table: string): Promise<Map<string, string>> {
    const values = ROOT_COLUMNS.map((name) => (name === 'active' ? `"${name}"::boolean` : `"${name}"`));
    const { rows } = await this.#client.query<{ key: string; digest: string }>(
      `SELECT "${KEY}" AS key, md5(concat_ws('|', ${values.map((each) => `(${each})::text`).join(', ')})) AS digest ` +
        `FROM "${this.#schema}"."${table}"`,
    );
    return new Map(rows.map(({ key, digest }) => [key, digest]));
  }

  async count(table: string): Promise<number> {
    const { rows } = await this.#client.query<{ count: string }>(
      `SELECT count(*) AS count FROM "${this.#schema}"."${table}"`,
    );
    return Number(rows[0]?.count);
  }

  /** The members of a list, sorted. */
  async members(table: string): Promise<string[]> {
    const { rows } = await this.#client.query<{ member: string }>(
      `SELECT concat_ws('|', "${KEY}", "sku", "quantity") AS member FROM "${this.#schema}"."${table}"`,
    );
    return rows.map(({ member }) => member).sort();
  }

  async close(): Promise<void> {
    await this.#client.end();
  }
}
