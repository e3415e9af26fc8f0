import { randomBytes } from 'node:crypto';

/**
 * `20261121t064617z_1f0c22`: sorts by time, and is valid in an S3 key, a workflow id and an SQL identifier. The random
 * part distinguishes runs started in the same second.
 */
export function newRunName(now: Date = new Date()): string {
  const time = now.toISOString().slice(0, 19).replace(/[-:]/g, '').toLowerCase();
  return `${time}z_${randomBytes(3).toString('hex')}`;
}
