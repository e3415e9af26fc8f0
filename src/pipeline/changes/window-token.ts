import { fingerprint } from '../item/fingerprint.ts';
import type { ExportWindow } from './export-window.ts';

/**
 * The client token of a window's export. DynamoDB returns the same export for a token for 8 hours, even one that failed, so
 * each try of a window has its own.
 * @param nth of the window's exports, from 1
 */
export const windowToken = (epoch: string, { from, to }: ExportWindow, nth: number): string =>
  fingerprint(`${epoch}/${from}-${to}/${nth}`, 32);
