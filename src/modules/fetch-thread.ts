import { parentPort, workerData } from 'node:worker_threads';
import type { FetchStart, FromFetch } from './fetch-messages.ts';
import { loadBundle } from './load-bundle.ts';

type Received = Extract<FromFetch, { kind: 'records' }>['responses'][number];

/** What a fetching thread runs: the module's `fetch`, once. */

/** What the function gets. */
interface FetchContext {
  readonly partition: string;
  readonly timezone: string;
  readonly secrets: Readonly<Record<string, string>>;
  /** Requests a URL and returns its text. What is received is kept; a status that is not 2xx is an error. */
  get(url: string, init?: RequestInit): Promise<string>;
}

/** A response that is not one: whether it may help to ask again. */
class Unanswered extends Error {
  readonly kind: 'unavailable' | 'refused';

  constructor(kind: 'unavailable' | 'refused', message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** Timeout, too early, too many requests; and what the server has to fix. */
const isTemporary = (status: number) => [408, 425, 429].includes(status) || status >= 500;

async function run({ code, file, ...start }: FetchStart): Promise<FromFetch> {
  const responses: Received[] = [];
  let fetchRecords: unknown;
  try {
    fetchRecords = loadBundle(code, file).fetch;
  } catch (error) {
    return { kind: 'unusable', message: `${file} cannot be used: ${textOf(error)}` };
  }
  if (typeof fetchRecords !== 'function')
    return { kind: 'unusable', message: `${file} cannot be used: it has no export fetch` };
  const context: FetchContext = {
    ...start,
    get: async (url, init) => {
      const received = await receive(url, init);
      responses.push(received);
      if (received.status >= 200 && received.status < 300) return Buffer.from(received.body).toString('utf8');
      const kind = isTemporary(received.status) ? 'unavailable' : 'refused';
      throw new Unanswered(kind, `${received.url} answered ${received.status}`);
    },
  };
  try {
    const records: unknown = await (fetchRecords as (context: FetchContext) => unknown)(context);
    return { kind: 'records', text: linesOf(records), responses };
  } catch (error) {
    if (error instanceof Unanswered) return { kind: error.kind, message: error.message };
    return { kind: 'failed', message: textOf(error) };
  }
}

async function receive(url: string, init: RequestInit | undefined): Promise<Received> {
  const { origin, pathname } = new URL(url);
  try {
    const response = await fetch(url, init);
    const body = new Uint8Array(await response.arrayBuffer());
    return { url: `${origin}${pathname}`, status: response.status, body };
  } catch (error) {
    throw new Unanswered('unavailable', `${origin}${pathname} did not answer: ${textOf(error)}`, {
      cause: error,
    });
  }
}

/** Text is taken as it is; other values become JSON, one line per record. */
function linesOf(records: unknown): string {
  if (typeof records === 'string') return records;
  if (!Array.isArray(records)) throw new TypeError('fetch must return text of JSON, or a list of records');
  return records.map((record) => `${JSON.stringify(record)}\n`).join('');
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

if (parentPort !== null) {
  const port = parentPort;
  void run(workerData as FetchStart).then((answer) => port.postMessage(answer));
}
