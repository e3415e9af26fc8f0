import { existsSync, mkdirSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Random } from '../speed/random.ts';

const FIRST_MS = Date.UTC(2026, 9, 1);
const DAY_MS = 86_400_000;

export interface RecordFiles {
  readonly directory: string;
  readonly paths: readonly string[];
  readonly records: number;
  /** Of the JSON. */
  readonly bytes: number;
  /** As the files are stored. */
  readonly compressedBytes: number;
}

interface Wanted {
  readonly seed: number;
  readonly megabytes: number;
  /** Of JSON, in one file. */
  readonly fileMegabytes: number;
  /** Of the records. */
  readonly days: number;
}

/** Access records as gzipped lines of JSON, as a service writes them: generated once, and kept in the temporary directory. */
export function recordFiles(
  wanted: Wanted,
  parent = join(tmpdir(), 'tributary-bench-datasets'),
): RecordFiles {
  const { seed, megabytes, fileMegabytes, days } = wanted;
  const directory = join(parent, `${seed}-${megabytes}-${fileMegabytes}-${days}`);
  const totals = join(directory, 'totals');
  mkdirSync(directory, { recursive: true });
  let [records, bytes] = [0, 0];
  const fileBytes = fileMegabytes * 1e6;
  for (let file = 0; bytes < megabytes * 1e6; file++) {
    const path = join(directory, `${String(file).padStart(5, '0')}.json.gz`);
    const lines: string[] = [];
    let own = 0;
    while (own < fileBytes && bytes < megabytes * 1e6) {
      const line = recordLine(seed, records++, days);
      lines.push(line);
      own += line.length;
      bytes += line.length;
    }
    if (existsSync(path)) continue;
    writeFileSync(`${path}.new`, gzipSync(lines.join(''), { level: 4 }));
    renameSync(`${path}.new`, path);
  }
  writeFileSync(totals, String(records));
  const paths = readdirSync(directory)
    .filter((name) => name.endsWith('.json.gz'))
    .toSorted()
    .map((name) => join(directory, name));
  const compressedBytes = paths.reduce((sum, path) => sum + statSync(path).size, 0);
  return { directory, paths, records, bytes, compressedBytes };
}

const METHODS = ['GET', 'GET', 'GET', 'POST', 'PUT', 'DELETE'] as const;
const RESOURCES = ['entity', 'entity', 'evaluation', 'team', 'userProfile', 'wiki2'] as const;
const AGENTS = [
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
  'synapser/1.2.0 R/4.4.1',
  'python-requests/2.32.3 synapseclient/4.6.0',
  'curl/8.9.1',
] as const;

/** In ASCII, so that its length is its bytes. */
function recordLine(seed: number, i: number, days: number): string {
  const random = Random.of(seed, i);
  const id = `syn${random.between(1e6, 9e7)}`;
  const resource = random.pick(RESOURCES);
  return `${JSON.stringify({
    stack: 'prod',
    instance: '000512',
    payload: {
      sessionId: `${random.hex(8)}-${random.hex(4)}-${random.hex(4)}-${random.hex(12)}`,
      timestamp: FIRST_MS + random.below(days) * DAY_MS + random.below(DAY_MS),
      userId: random.chance(0.2) ? null : random.between(270_000, 3_500_000),
      method: random.pick(METHODS),
      requestURL: `/repo/v1/${resource}/${id}/${random.pick(['bundle2', 'children', 'version/3', 'acl'])}`,
      queryString: random.chance(0.7) ? null : `limit=${random.below(100)}&offset=${random.below(1000)}`,
      userAgent: random.pick(AGENTS),
      host: 'repo-prod.prod.example.org',
      threadId: random.between(20, 400),
      elapseMS: random.below(3000),
      success: random.chance(0.97),
      responseStatus: random.pick([200, 200, 200, 201, 204, 403, 404]),
      vmId: `i-${random.hex(16)}`,
      returnObjectId: random.chance(0.5) ? null : id,
      via: null,
      origin: 'https://www.example.org',
      xforwardedFor: `10.${random.below(255)}.${random.below(255)}.${random.below(255)}, 172.16.0.${random.below(255)}`,
    },
  })}\n`;
}
