import { randomBytes } from 'node:crypto';

/** A ClientToken of the Data API that no other submission has, of 32 characters: at most 64 are allowed. */
export const randomToken = (): string => randomBytes(16).toString('hex');
