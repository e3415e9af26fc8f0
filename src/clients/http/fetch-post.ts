import { messageOf } from '../../pipeline/failure/message-of.ts';
import { cut, onOneLine } from '../../pipeline/text/sentences.ts';
import { Transient } from '../errors.ts';
import type { HttpPost, PostRequest } from '../http-post.ts';

/** From the connection to the last byte of the answer. */
const TIMEOUT_SECONDS = 30;
const MAX_REDIRECTS = 3;
/** What a message quotes of an answer, and the most that is read of one. */
const SHOWN_CHARACTERS = 200;
const READ_BYTES = 4096;

/**
 * `HttpPost` by Node's fetch. It follows redirects that keep the method (307, 308), and only to the same origin: another
 * one would get a secret that is not meant for it.
 */
export function createFetchPost({ timeoutSeconds = TIMEOUT_SECONDS } = {}): HttpPost {
  return {
    async post(request, { signal } = {}) {
      const timeout = AbortSignal.timeout(timeoutSeconds * 1000);
      const signals = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
      try {
        await postTo(addressOf(request.url), request, signals);
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof Transient) throw error;
        const { host } = addressOf(request.url);
        const why = timeout.aborted ? `no answer within ${timeoutSeconds} s` : reasonOf(error);
        throw failed(request, `${host} cannot be reached: ${why}`);
      }
    },
  };
}

async function postTo(address: URL, request: PostRequest, signal: AbortSignal, redirects = 0): Promise<void> {
  const { headers, body } = request;
  const response = await fetch(address.href, { method: 'POST', redirect: 'manual', headers, body, signal });
  const answer = await beginningOf(response);
  if (response.ok) return;
  const location = response.headers.get('location');
  const next = location === null ? undefined : URL.parse(location, address.href);
  if (response.status === 307 || response.status === 308) {
    if (next?.origin === address.origin && redirects < MAX_REDIRECTS)
      return postTo(next, request, signal, redirects + 1);
    throw failed(
      request,
      `${address.host} redirects to ${next?.host ?? 'an invalid address'}, which is not followed: ` +
        'set the address that it redirects to',
    );
  }
  const quoted = answer === '' ? '' : `: ${answer}`;
  throw failed(request, `${address.host} answered ${response.status} ${response.statusText}${quoted}`);
}

function addressOf(url: string): URL {
  const address = URL.parse(url);
  if (address?.protocol === 'https:' || address?.protocol === 'http:') return address;
  throw new Transient(
    'DeliveryFailed',
    'the URL is not valid: expected one that begins with https:// or http://',
  );
}

/** The first bytes of an answer, as one line; the rest is not read. */
async function beginningOf({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= READ_BYTES) break;
  }
  return cut(onOneLine(Buffer.concat(chunks).toString('utf8')), SHOWN_CHARACTERS);
}

/** Node's message is "fetch failed"; its cause says why. */
function reasonOf(error: unknown): string {
  const { cause } = error as Error;
  const { code } = (cause ?? {}) as NodeJS.ErrnoException;
  return [code, cause === undefined ? messageOf(error) : messageOf(cause)].filter(Boolean).join(': ');
}

/** An answer may quote the request. */
function failed({ url, headers }: PostRequest, message: string): Transient {
  const { pathname = '', search = '' } = URL.parse(url) ?? {};
  const secrets = [`${pathname}${search}`, pathname, search, headers.authorization ?? ''];
  const clean = secrets
    .filter((secret) => secret.length > 1)
    .reduce((text, secret) => text.replaceAll(secret, '***'), message);
  return new Transient('DeliveryFailed', clean);
}
