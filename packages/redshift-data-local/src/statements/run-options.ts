import type { S3Client } from '@aws-sdk/client-s3';
import type { Pool } from 'pg';
import type { LongNames } from '../catalogue/long-names.ts';
import type { LoadRecords } from '../copy/load-records.ts';
import type { Faults } from '../faults/faults.ts';
import type { Warehouse } from '../sql/translation.ts';
import type { Clock } from './clock.ts';
import type { Limits } from './limits.ts';
import type { StateWriter } from './state-writer.ts';

/** What every statement of a server runs with. */
export interface RunOptions {
  /** Connections for the server's own bookkeeping. */
  bookkeeping: Pool;
  writer: StateWriter;
  loads: LoadRecords;
  longNames: LongNames;
  s3: S3Client;
  faults: Faults;
  clock: Clock;
  limits: Limits;
  database: string;
  roleOf: Warehouse['roleOf'];
  isRoleAssociated: (arn: string) => boolean;
}
