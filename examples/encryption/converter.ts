import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { DataConverter, Payload, PayloadCodec } from '@temporalio/common';

/**
 * A data converter for Tributary that encrypts everything in Temporal's histories with AES-256-GCM: inputs, results,
 * failures, heartbeats, memos and details. Every worker and every command line needs the same key.
 *
 * HISTORY_KEY is the key: 32 random bytes as 64 hexadecimal digits, e.g. from `openssl rand -hex 32`. In production, let
 * the process fetch it from a secret store, and give it a name, so that it can be changed.
 */

const ENCODING = 'binary/encrypted';
const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

function keyFromEnvironment(): Buffer {
  const key = process.env.HISTORY_KEY ?? '';
  if (!/^[0-9a-f]{64}$/i.test(key)) throw new Error('HISTORY_KEY must be 64 hexadecimal digits');
  return Buffer.from(key, 'hex');
}

/** A payload's metadata and data, as JSON. */
interface Plain {
  readonly metadata: Readonly<Record<string, string>>;
  readonly data: string;
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');

class EncryptingCodec implements PayloadCodec {
  readonly #key = keyFromEnvironment();

  async encode(payloads: Payload[]): Promise<Payload[]> {
    return payloads.map(({ metadata, data }) => {
      const plain: Plain = {
        metadata: Object.fromEntries(
          Object.entries(metadata ?? {}).map(([name, value]) => [name, base64(value)]),
        ),
        data: base64(data ?? new Uint8Array()),
      };
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv(CIPHER, this.#key, iv);
      const encrypted = Buffer.concat([cipher.update(JSON.stringify(plain), 'utf8'), cipher.final()]);
      return {
        metadata: { encoding: Buffer.from(ENCODING) },
        data: Buffer.concat([iv, cipher.getAuthTag(), encrypted]),
      };
    });
  }

  /** Leaves other payloads as they are: those from before the encryption, and signals from the Web UI. */
  async decode(payloads: Payload[]): Promise<Payload[]> {
    return payloads.map((payload) => {
      const { metadata, data } = payload;
      if (!data || Buffer.from(metadata?.encoding ?? []).toString() !== ENCODING) return payload;
      const bytes = Buffer.from(data);
      const decipher = createDecipheriv(CIPHER, this.#key, bytes.subarray(0, IV_BYTES));
      decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
      const text = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
      const plain = JSON.parse(text.toString('utf8')) as Plain;
      return {
        metadata: Object.fromEntries(
          Object.entries(plain.metadata).map(([name, value]) => [name, Buffer.from(value, 'base64')]),
        ),
        data: Buffer.from(plain.data, 'base64'),
      };
    });
  }
}

export const dataConverter: DataConverter = { payloadCodecs: [new EncryptingCodec()] };
