import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { Clock } from './clock.ts';
import type { Limits } from './limits.ts';
import type { Session, SessionStatus } from './session.ts';

/** AWS closes a session 24 hours after it was created, even if it is in use. */
const LONGEST_SESSION_SECONDS = 24 * 3600;

type SessionTarget = Pick<Session, 'database' | 'workgroupName' | 'clusterIdentifier' | 'dbUser'>;

interface SessionsOptions {
  readonly clock: Clock;
  readonly limits: Limits;
  readonly connection: () => pg.Client;
}

/**
 * Sessions and their connections. They are held in memory: a restarted server has none, just as a restarted
 * warehouse has none. One statement at a time runs in a session; there is no queue.
 */
export class Sessions {
  readonly #options: SessionsOptions;
  readonly #sessions = new Map<string, Session>();

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  get openCount(): number {
    return [...this.#sessions.values()].filter(({ status }) => status !== 'CLOSED').length;
  }

  /** Creates a session that is BUSY with a statement from the start. `clientOf` opens its connection. */
  open(target: SessionTarget, keepAliveSeconds: number, statementId: string): Session {
    const now = this.#options.clock.now();
    const session: Session = {
      ...target,
      id: randomUUID(),
      status: 'BUSY',
      createdAt: now,
      updatedAt: now,
      keepAliveSeconds,
      closesAt: now + LONGEST_SESSION_SECONDS,
      currentStatementId: statementId,
      client: this.#options.connection(),
    };
    session.client.on('error', () => this.close(session));
    this.#sessions.set(session.id, session);
    return session;
  }

  find(id: string): Session | undefined {
    this.closeExpired();
    return this.#sessions.get(id);
  }

  /** Gives the session to a statement. The caller has seen that it is AVAILABLE. */
  use(session: Session, statementId: string, keepAliveSeconds: number | undefined): void {
    session.status = 'BUSY';
    session.currentStatementId = statementId;
    session.keepAliveSeconds = keepAliveSeconds ?? session.keepAliveSeconds;
    session.updatedAt = this.#options.clock.now();
  }

  /** The statement has ended: the session waits for the next one, for as long as it is kept alive. */
  release(session: Session): void {
    if (session.status === 'CLOSED') return;
    const now = this.#options.clock.now();
    session.status = 'AVAILABLE';
    session.currentStatementId = undefined;
    session.updatedAt = now;
    session.closesAt = Math.min(now + session.keepAliveSeconds, session.createdAt + LONGEST_SESSION_SECONDS);
    this.closeExpired();
  }

  /** Ends the connection. What was not committed in it is gone, and so are its temporary tables. */
  close(session: Session): void {
    if (session.status === 'CLOSED') return;
    session.status = 'CLOSED';
    session.currentStatementId = undefined;
    session.updatedAt = this.#options.clock.now();
    void session.client.end().catch(() => {});
  }

  /** Closes expired sessions. @returns the statements that still run in sessions older than allowed, for the caller to end. */
  closeExpired(): string[] {
    const now = this.#options.clock.now();
    const overdue: string[] = [];
    for (const session of this.#sessions.values()) {
      if (session.status === 'AVAILABLE' && session.closesAt <= now) this.close(session);
      if (session.status === 'BUSY' && session.createdAt + LONGEST_SESSION_SECONDS <= now)
        overdue.push(session.currentStatementId!);
      if (session.status === 'CLOSED' && session.createdAt + LONGEST_SESSION_SECONDS <= now)
        this.#sessions.delete(session.id);
    }
    return overdue;
  }

  /** Newest first. Default: the open ones. */
  list(filter: {
    status?: SessionStatus | undefined;
    database?: string | undefined;
    /** The workgroup's or cluster's name. */
    target?: string | undefined;
  }): Session[] {
    this.closeExpired();
    return [...this.#sessions.values()]
      .filter(
        (session) =>
          (filter.status === undefined ? session.status !== 'CLOSED' : session.status === filter.status) &&
          (filter.database === undefined || session.database === filter.database) &&
          (filter.target === undefined ||
            (session.workgroupName ?? session.clusterIdentifier) === filter.target),
      )
      .sort((a, b) => b.createdAt - a.createdAt);
  }

  closeAll(): void {
    for (const session of this.#sessions.values()) this.close(session);
  }
}
