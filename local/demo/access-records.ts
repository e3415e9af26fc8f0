import { gzipSync } from 'node:zlib';

/** Synthetic access records, as services write them: the same each time. */

/** Records of all files, each once. */
export const ACCESS_RECORDS = 3600;
const FILES = 12;
const FIRST_MS = Date.UTC(2026, 10, 1);
const DAYS = 3;
/** The service behind them, and the share of its requests. */
const AGENTS = [
  ['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36', 45],
  ['python-requests/2.32 synapseclient/4.9.0', 30],
  ['synapsecommandlineclient/4.9.0', 12],
  ['Synapse-Java-Client/512.0', 8],
  ['curl/8.5.0', 5],
] as const;
const REQUESTS = [
  ['GET', '/repo/v1/entity/syn1234567', 60],
  ['POST', '/repo/v1/entity/children', 25],
  ['GET', '/file/v1/file/7654321', 15],
] as const;

/** What one file of the source holds, by its key below the prefix. */
export interface AccessFile {
  readonly key: string;
  readonly body: Uint8Array;
}

/**
 * Gzipped files by their time of arrival, with objects one after the other, as delivery streams write them. The second one is also there
 * under another key, as after a repeated delivery; and the last one has a record that cannot be a row.
 */
export function accessFiles(): AccessFile[] {
  const random = randomNumbers(20261101);
  const perFile = ACCESS_RECORDS / FILES;
  const files = Array.from({ length: FILES }, (_, file): AccessFile => {
    const records = Array.from({ length: perFile }, (__, i) => accessRecord(file * perFile + i, random));
    const damaged = file === FILES - 1 ? ['{"payload":{"sessionId":"damaged","timestamp":"yesterday"}}'] : [];
    return { key: keyOf(file), body: gzipSync([...records, ...damaged].join('')) };
  });
  const { key, body } = files[1]!;
  return [...files, { key: key.replace('.gz', '-again.gz'), body }];
}

function keyOf(file: number): string {
  const arrived = new Date(FIRST_MS + ((file + 1) * DAYS * 86_400_000) / FILES).toISOString();
  const [year, month, day] = arrived.slice(0, 10).split('-');
  return `year=${year}/month=${month}/day=${day}/records-${String(file).padStart(2, '0')}.json.gz`;
}

function accessRecord(n: number, random: () => number): string {
  const timestamp = FIRST_MS + Math.floor((n * DAYS * 86_400_000) / ACCESS_RECORDS);
  const [method, requestURL] = chosen(REQUESTS, random);
  const [userAgent] = chosen(AGENTS, random);
  return JSON.stringify({
    stack: 'demo',
    instance: '000512',
    payload: {
      ...{ sessionId: `s${String(n).padStart(6, '0')}`, timestamp, method, requestURL, userAgent },
      ...{ userId: 1000 + Math.floor(random() * 50), elapseMS: 5 + Math.floor(random() * random() * 2000) },
      ...{ success: random() < 0.98, responseStatus: 200, host: 'repo.example.com', threadId: n % 40 },
    },
  });
}

/** @param choices each with its weight at the end; all weights are 100 together */
function chosen<T extends readonly [...unknown[], number]>(choices: readonly T[], random: () => number): T {
  let left = random() * 100;
  for (const choice of choices) {
    left -= choice.at(-1) as number;
    if (left < 0) return choice;
  }
  return choices[0]!;
}

/** https://en.wikipedia.org/wiki/Lehmer_random_number_generator */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
