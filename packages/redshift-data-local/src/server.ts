import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { S3Client } from '@aws-sdk/client-s3';
import pg from 'pg';
import type { z } from 'zod';
import { LongNames } from './catalogue/long-names.ts';
import { prepareCatalogue } from './catalogue/prepare.ts';
import { LoadRecords } from './copy/load-records.ts';
import { freeReceived } from './copy/source/free-received.ts';
import { Faults } from './faults/faults.ts';
import { AllowedHosts } from './protocol/allowed-hosts.ts';
import { ControlApi } from './protocol/control-api.ts';
import { DataApiService } from './protocol/data-api-service.ts';
import { createHttpServer } from './protocol/http-server.ts';
import { ServiceContext } from './protocol/service-context.ts';
import { physicalName } from './sql/identifier.ts';
import { Clock } from './statements/clock.ts';
import { Limits } from './statements/limits.ts';
import { connectOwner } from './statements/owner-connection.ts';
import { Sessions } from './statements/sessions.ts';
import { StateWriter } from './statements/state-writer.ts';
import { StatementRunner } from './statements/statement-runner.ts';
import { prepareStatementTables, StatementStore } from './statements/statement-store.ts';

export interface RedshiftDataApiOptions {
  /** A PostgreSQL 18 database that only this server uses. It is created if absent. The user must be a superuser. */
  postgresUrl: string;
  /** Where COPY reads. */
  s3: {
    endpoint: string;
    region: string;
    accessKeyId: string;
    secretAccessKey: string;
    forcePathStyle: boolean;
  };
  /** The address to listen on. Default: 127.0.0.1. */
  host?: string;
  /** Names, without ports, by which clients may call the server, in addition to loopback and `host`. Default: none. */
  allowedHosts?: string[];
  port?: number;
  workgroup?: string;
  database?: string;
  /** Statements that run at once; the others wait as SUBMITTED. */
  maxRunningStatements?: number;
  /** Quotas other than AWS's: see `statements/limits.ts`. */
  limits?: z.input<typeof Limits>;
  /** Roles that COPY may name. Default: any well-formed role, except of account 000000000000, which does not exist. */
  iamRoles?: string[];
}

export interface RedshiftDataApi {
  readonly endpoint: string;
  /** Fulfilled if the server loses its database, which another one may then use. It is of no use any more: close it. */
  readonly lost: Promise<Error>;
  /** Ends running statements, and frees the port and the database. */
  close(): Promise<void>;
}

/** The lock by which a server owns its database: of two servers, each would settle the other's statements as interrupted. */
const OWNER_LOCK = 7_365_112_308;
const APPLICATION_NAME = 'redshift-data-api';

/**
 * Starts the local Redshift Data API over a PostgreSQL database. Statements that an
 * earlier server left running are ended first, and their outcome is recorded.
 * @throws if another server owns the database.
 */
export async function startRedshiftDataApi(options: RedshiftDataApiOptions): Promise<RedshiftDataApi> {
  const { postgresUrl, host = '127.0.0.1', port = 0, workgroup = 'local', database = 'dev' } = options;
  const settings = [
    'search_path=public',
    'TimeZone=UTC',
    'DateStyle=ISO',
    'IntervalStyle=postgres',
    'bytea_output=hex',
    'client_encoding=UTF8',
    `redshift.database=${database}`,
    'client_min_messages=error',
  ];
  const connection = {
    connectionString: postgresUrl,
    application_name: APPLICATION_NAME,
    options: settings.map((setting) => `-c ${setting}`).join(' '),
    // Every value as PostgreSQL writes it: the Data API's code converts types, not the driver.
    types: { getTypeParser: () => (text: string) => text },
  };
  const owner = await connectOwner(connection as pg.ClientConfig);
  let isClosing = false;
  const lost = new Promise<Error>((resolve) =>
    owner.on('end', () => isClosing || resolve(new Error('the connection to PostgreSQL ended'))),
  );
  const pools: pg.Pool[] = [];
  const pool = (max: number) => {
    const made = new pg.Pool({ ...(connection as pg.PoolConfig), max });
    made.on('error', () => {});
    pools.push(made);
    return made;
  };
  const s3 = new S3Client({
    endpoint: options.s3.endpoint,
    region: options.s3.region,
    forcePathStyle: options.s3.forcePathStyle,
    credentials: { accessKeyId: options.s3.accessKeyId, secretAccessKey: options.s3.secretAccessKey },
  });
  freeReceived(s3);
  try {
    await takeOwnership(owner);
    await prepareCatalogue(owner);
    await prepareStatementTables(owner);
    const { rows } = await owner.query<{ role: string; name: string }>(
      'SELECT current_user AS role, pg_catalog.current_database() AS name',
    );
    const { role: adminRole, name: postgresDatabase } = rows[0]!;
    const bookkeeping = pool(8);
    const statements = pool(options.maxRunningStatements ?? 50);
    const clock = new Clock();
    const limits = Limits.parse(options.limits ?? {});
    const faults = new Faults();
    const store = new StatementStore(bookkeeping, clock, limits);
    await store.settleInterrupted(
      'ERROR: the local Redshift stopped while the statement ran; its transaction was rolled back',
    );
    await store.forgetOld();
    const longNames = new LongNames(bookkeeping);
    await longNames.load();
    const writer = new StateWriter(bookkeeping);
    const sessions = new Sessions({
      clock,
      limits,
      connection: () => new pg.Client(connection as pg.ClientConfig),
    });
    const runner = new StatementRunner({
      ...{ statements, bookkeeping, writer, sessions, faults, clock, limits, longNames, s3, database },
      loads: new LoadRecords(bookkeeping),
      roleOf: (kind, name) =>
        kind === 'user' && name === 'admin' ? adminRole : physicalName(`${postgresDatabase}/${kind}/${name}`),
      isRoleAssociated: (arn) => options.iamRoles?.includes(arn) ?? !/^arn:aws[\w-]*:iam::0{12}:/.test(arn),
    });
    const served = { workgroup, database };
    const context = new ServiceContext({
      store,
      writer,
      runner,
      sessions,
      clock,
      limits,
      bookkeeping,
      served,
    });
    const service = new DataApiService(context, faults);
    const control = new ControlApi({ faults, clock, store, runner, service });
    const server = createHttpServer(
      service,
      control,
      new AllowedHosts([host, ...(options.allowedHosts ?? [])]),
    );
    // Overdue statements end within a second. Expired ones are not shown, so deleting them can wait.
    const housekeeping = setInterval(() => runner.endOverdue(), 1000).unref();
    const forgetting = setInterval(() => void store.forgetOld().catch(() => {}), 600_000).unref();
    server.listen(port, host);
    await once(server, 'listening');
    const address = server.address() as AddressInfo;
    return {
      endpoint: `http://${host}:${address.port}`,
      lost,
      async close() {
        isClosing = true;
        clearInterval(housekeeping);
        clearInterval(forgetting);
        server.close();
        await runner.stop();
        sessions.closeAll();
        server.closeAllConnections();
        await Promise.all(pools.map((made) => made.end()));
        await owner.end();
        s3.destroy();
      },
    };
  } catch (error) {
    await Promise.all(pools.map((made) => made.end()));
    await owner.end();
    s3.destroy();
    throw error;
  }
}

/** Becomes the database's only server. Ends the connections of an earlier one and waits until they are gone. */
async function takeOwnership(owner: pg.Client): Promise<void> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const { rows } = await owner.query<{ taken: string }>('SELECT pg_try_advisory_lock($1) AS taken', [
      OWNER_LOCK,
    ]);
    if (rows[0]!.taken === 't') break;
    if (Date.now() > deadline)
      throw new Error(
        'Another local Redshift Data API uses this PostgreSQL database. Stop it, or use another database for this one.',
      );
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  for (;;) {
    const { rows } = await owner.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1 AND pid <> pg_backend_pid()`,
      [APPLICATION_NAME],
    );
    if (rows.length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
