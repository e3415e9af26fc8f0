import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createWriteStream, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Search, VendorRelease } from './part.ts';

/** A machine that cannot reach the vendor must notice quickly. */
const answerTimeoutSeconds = 5;
const stallTimeoutSeconds = 30;

/**
 * Downloads a vendor's archive, verifies its pinned checksum and puts the program into `directory/<program>`.
 * @throws if the vendor cannot be reached, the checksum differs, or the archive does not contain the program
 */
export async function downloadRelease(
  release: VendorRelease,
  program: string,
  directory: string,
  search: Search,
): Promise<void> {
  const archiveName = basename(new URL(release.archiveUrl).pathname);
  const archive = join(directory, archiveName);
  const actual = await downloadFile(release.archiveUrl, archive, search);
  if (actual !== release.sha256)
    throw new Error(`${release.archiveUrl} has SHA-256 ${actual}, not the pinned ${release.sha256}`);
  const unpacked = spawnSync('tar', ['-xzf', archive, '-C', directory, release.member], { encoding: 'utf8' });
  if (unpacked.status !== 0) throw new Error(`cannot unpack ${archiveName}: ${unpacked.stderr.trim()}`);
  if (release.member !== program) renameSync(join(directory, release.member), join(directory, program));
  rmSync(archive);
  search.log(`downloaded ${archiveName} and verified its checksum`);
}

async function downloadFile(url: string, file: string, search: Search): Promise<string> {
  const stalled = new AbortController();
  const given = search.signal ? [stalled.signal, search.signal] : [stalled.signal];
  const stop = AbortSignal.any(given);
  const response = await answer(url, stop);
  const totalBytes = Number(response.headers.get('content-length') ?? 0);
  const hash = createHash('sha256');
  let bytes = 0;
  let lastBytes = 0;
  let lastProgress = Date.now();
  const watch = setInterval(() => {
    if (bytes > lastBytes) lastProgress = Date.now();
    lastBytes = bytes;
    if (Date.now() - lastProgress > stallTimeoutSeconds * 1000) {
      stalled.abort(new Error(`no data for ${stallTimeoutSeconds} s`));
    }
    search.log(
      `downloading ${basename(file)}: ${megabytes(bytes)} of ${totalBytes ? megabytes(totalBytes) : '?'} MB`,
    );
  }, 3000);
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      hash.update(chunk);
      done(null, chunk);
    },
  });
  try {
    const body = Readable.fromWeb(response.body as import('node:stream/web').ReadableStream);
    await pipeline(body, counted, createWriteStream(file), { signal: stop });
  } finally {
    clearInterval(watch);
  }
  return hash.digest('hex');
}

/** The response, once its headers have arrived. The body may take longer. */
async function answer(url: string, signal?: AbortSignal): Promise<Response> {
  const late = new AbortController();
  const timer = setTimeout(
    () => late.abort(new Error(`no answer within ${answerTimeoutSeconds} s`)),
    answerTimeoutSeconds * 1000,
  );
  try {
    const signals = signal ? [late.signal, signal] : [late.signal];
    const response = await fetch(url, { signal: AbortSignal.any(signals) });
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    return response;
  } catch (error) {
    const cause = (error as Error).cause as Error | undefined;
    throw new Error(`cannot download ${url}: ${cause?.message ?? (error as Error).message}`, {
      cause: error,
    });
  } finally {
    clearTimeout(timer);
  }
}

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(0);
