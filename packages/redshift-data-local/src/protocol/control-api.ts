import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { FaultRequest } from '../faults/fault.ts';
import type { Faults } from '../faults/faults.ts';
import type { Clock } from '../statements/clock.ts';
import type { StatementRunner } from '../statements/statement-runner.ts';
import type { StatementStore } from '../statements/statement-store.ts';
import type { DataApiService } from './data-api-service.ts';
import { readJson } from './read-json.ts';
import { ServiceError } from './service-error.ts';

export const CONTROL_PREFIX = '/_control/';
const ClockRequest = z.strictObject({
  advanceSeconds: z
    .number()
    .positive()
    .max(365 * 24 * 3600),
});

/** A refusal: what is wrong, and its HTTP status. */
class Refused extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

interface ControlledParts {
  readonly faults: Faults;
  readonly clock: Clock;
  readonly store: StatementStore;
  readonly runner: StatementRunner;
  readonly service: DataApiService;
}

/**
 * The endpoint by which tests control this server, on loopback only: faults, the clock, refused calls, and the events
 * that would have gone to EventBridge. Plain JSON over HTTP.
 */
export class ControlApi {
  readonly #parts: ControlledParts;

  constructor(parts: ControlledParts) {
    this.#parts = parts;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [status, body] = await this.#perform(request).then(
      (result) => [200, result] as const,
      (error: Error) => [statusOf(error), { error: error.message }] as const,
    );
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(`${JSON.stringify(body)}\n`);
  }

  async #perform(request: IncomingMessage): Promise<object> {
    if (!/^(::1|(::ffff:)?127\.)/.test(request.socket.remoteAddress ?? ''))
      throw new Refused(403, 'The control endpoint answers on loopback only.');
    // A page in a browser on this machine can send a form, but not JSON without a preflight request.
    if (request.method === 'POST' && !request.headers['content-type']?.startsWith('application/json'))
      throw new Refused(415, 'Send JSON, with content-type: application/json.');
    const { faults, clock, store, runner, service } = this.#parts;
    const url = new URL(request.url!, 'http://local');
    const [what, id] = url.pathname.slice(CONTROL_PREFIX.length).split('/');
    switch (`${request.method} ${what}`) {
      case 'POST faults':
        return { id: faults.list.add(parse(FaultRequest, await readJson(request))) };
      case 'GET faults':
        return { faults: faults.list.list() };
      case 'DELETE faults':
        if (!faults.clear(id === undefined ? undefined : Number(id)))
          throw new Refused(404, `There is no fault ${id}.`);
        return {};
      case 'POST clock':
        clock.advance(parse(ClockRequest, await readJson(request)).advanceSeconds);
        runner.endOverdue();
        return { now: clock.now() };
      case 'GET clock':
        return { now: clock.now() };
      case 'GET refusals':
        return { refusals: service.refusals };
      case 'GET events':
        return { events: await store.events(url.searchParams.get('statementId') ?? undefined) };
      default:
        throw new Refused(404, `There is no ${request.method} ${url.pathname}: see the README.`);
    }
  }
}

function parse<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw new Refused(400, z.prettifyError(parsed.error));
  return parsed.data;
}

function statusOf(error: Error): number {
  if (error instanceof Refused) return error.status;
  return error instanceof ServiceError ? 400 : 500;
}
