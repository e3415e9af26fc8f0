import type { Pool } from 'pg';
import type { Clock } from '../statements/clock.ts';
import type { Limits } from '../statements/limits.ts';
import type { Sessions } from '../statements/sessions.ts';
import type { StateWriter } from '../statements/state-writer.ts';
import { type Statement, type StatementPart, TERMINAL_STATUSES } from '../statements/statement.ts';
import type { StatementRunner } from '../statements/statement-runner.ts';
import type { StatementStore } from '../statements/statement-store.ts';
import type { ServedTarget } from './call-target.ts';
import { ServiceError } from './service-error.ts';

interface ServiceParts {
  store: StatementStore;
  writer: StateWriter;
  runner: StatementRunner;
  sessions: Sessions;
  clock: Clock;
  limits: Limits;
  /** Connections for queries of the catalogue. */
  bookkeeping: Pool;
  served: ServedTarget;
}

/** What every operation uses. */
export class ServiceContext implements ServiceParts {
  readonly store: StatementStore;
  readonly writer: StateWriter;
  readonly runner: StatementRunner;
  readonly sessions: Sessions;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly bookkeeping: Pool;
  readonly served: ServedTarget;
  /** Submissions on their way to the runner; they count as active. */
  submitting = 0;

  constructor(parts: ServiceParts) {
    this.store = parts.store;
    this.writer = parts.writer;
    this.runner = parts.runner;
    this.sessions = parts.sessions;
    this.clock = parts.clock;
    this.limits = parts.limits;
    this.bookkeeping = parts.bookkeeping;
    this.served = parts.served;
  }

  /** The statement, unless it has expired. @throws ResourceNotFoundException. */
  async find(id: string): Promise<Statement> {
    const statement = (await this.runner.find(id)) ?? (await this.store.find(id));
    const isOver =
      statement !== undefined &&
      TERMINAL_STATUSES.has(statement.status) &&
      statement.createdAt + this.limits.resultSeconds <= this.clock.now();
    if (statement === undefined || isOver)
      throw new ServiceError('ResourceNotFoundException', 'Query does not exist.', { ResourceId: id });
    return statement;
  }
}

export function hasResultSet(statement: Statement): boolean {
  return (
    statement.parts.some((part) => part.status === 'FINISHED' && part.hasResultSet) && hasEnded(statement)
  );
}

export function hasEnded(statement: Statement): boolean {
  return TERMINAL_STATUSES.has(statement.status);
}

/** `uuid:2` is the second statement of a batch. */
export function splitId(id: string): [string, number | undefined] {
  const [statement, number] = id.split(':');
  return [statement!, number === undefined ? undefined : Number(number)];
}

/** @throws ResourceNotFoundException if the batch has no such statement. */
export function partOf(statement: Statement, number: number): StatementPart {
  const part = statement.parts.find((candidate) => candidate.number === number);
  if (part === undefined) {
    throw new ServiceError('ResourceNotFoundException', 'Query does not exist.', {
      ResourceId: `${statement.id}:${number}`,
    });
  }
  return part;
}
