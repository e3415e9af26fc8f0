import { setTimeout as wait } from 'node:timers/promises';
import type { S3Client } from '@aws-sdk/client-s3';
import type { PoolClient } from 'pg';
import { ServiceError } from '../protocol/service-error.ts';
import type { CopyStatement } from '../sql/copy/copy-statement.ts';
import type { TranslatedStatement } from '../sql/translated-statement.ts';
import { RedshiftError } from '../sql/unsupported.ts';
import { breakingOff } from './broken-s3.ts';
import { FaultList, type FaultSubject } from './fault-list.ts';
import { RenameGap } from './rename-gap.ts';

/** Where statements and calls meet the planned faults. Without faults, every method does nothing. */
export class Faults {
  readonly list = new FaultList();
  readonly #gap = new RenameGap();

  clear(id?: number): boolean {
    if (id === undefined) this.#gap.close();
    return this.list.clear(id);
  }

  /** Before a call is performed. @throws the ServiceError that the call returns. */
  async beforeCall(subject: FaultSubject): Promise<void> {
    const delay = this.list.strike('delay', subject, ({ at }) => at === 'call');
    if (delay) await wait(delay.milliseconds);
    if (this.list.strike('throttle', subject)) throw new ServiceError('ThrottlingException', 'Rate exceeded');
    const failed = this.list.strike('error', subject);
    if (failed) {
      const message = failed.message ?? `${failed.error}, as a fault that a test requested`;
      throw new ServiceError(failed.error, message, { StatementId: '', ResourceId: '' });
    }
  }

  /** After a call was performed: whether its answer is lost, and when. */
  lostAnswer(subject: FaultSubject): 'ended' | 'submitted' | undefined {
    return this.list.strike('lost-answer', subject)?.when;
  }

  /** Before one statement does its work. May wait until the statement is cancelled. @throws the statement's error. */
  async beforeStatement(
    subject: FaultSubject,
    translated: TranslatedStatement,
    client: PoolClient,
    signal: AbortSignal,
  ): Promise<void> {
    const delay = this.list.strike('delay', subject, ({ at }) => at === 'statement');
    if (delay) await wait(delay.milliseconds, undefined, { signal });
    if (this.list.strike('serializable-violation', subject, ({ when }) => when === 'statement'))
      throw serializableViolation();
    if (this.list.strike('out-of-memory', subject)) throw outOfMemory();
    if (this.list.strike('never-ends', subject, ({ when }) => when === 'before')) await forever(client);
    const missing = this.#gap.missing(translated.read);
    if (missing) {
      const name = [missing.schema, missing.name].filter((part) => part !== undefined).join('.');
      throw new RedshiftError(`relation "${name}" does not exist`, '42P01');
    }
  }

  /** After its work, before its transaction ends. */
  async afterStatement(subject: FaultSubject, client: PoolClient): Promise<void> {
    if (this.list.strike('never-ends', subject, ({ when }) => when === 'after')) await forever(client);
  }

  /** Before a transaction commits. */
  beforeCommit(subject: FaultSubject): void {
    if (this.list.strike('serializable-violation', subject, ({ when }) => when === 'commit'))
      throw serializableViolation();
  }

  afterCommit(subject: FaultSubject): void {
    const fault = this.list.strike('rename-gap', subject);
    if (fault) this.#gap.open(subject.sqls, fault.reads);
  }

  /** The S3 that a COPY reads. */
  s3For(subject: FaultSubject, s3: S3Client, copy: Pick<CopyStatement, 'manifest' | 'json'>): S3Client {
    const fault = this.list.strike('copy-half-way', subject);
    // A manifest and a JSONPaths file are read before the data.
    const readBefore = (copy.manifest ? 1 : 0) + (typeof copy.json === 'object' ? 1 : 0);
    return fault ? breakingOff(s3, { ...fault, readBefore }) : s3;
  }
}

/** Runs on PostgreSQL, so that it holds its locks, shows as running, and ends when cancelled. */
async function forever(client: PoolClient): Promise<void> {
  for (;;) await client.query('SELECT pg_catalog.pg_sleep(86400)');
}

function serializableViolation(): RedshiftError {
  return new RedshiftError(
    '1023\n  Detail: Serializable isolation violation on table - 0, transactions forming the cycle are: 0, 0 (pid:0)',
    '40001',
  );
}

function outOfMemory(): RedshiftError {
  const rule = '-----------------------------------------------';
  const lines = ['', rule, 'error:  Out Of Memory: ', 'code:      1004', 'context:   alloc(0)', rule];
  return new RedshiftError(`Out Of Memory:\n  Detail: ${lines.join('\n  ')}`, '53200');
}
