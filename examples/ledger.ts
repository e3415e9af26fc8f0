import { correctionFile, demoLedger, ledgerFiles } from '../local/demo/ledger.ts';
import type { ObjectStore } from '../src/clients/object-store.ts';

/** Drops the files of the example, or only the one of the corrected day. @returns their number */
export async function dropLedger(
  store: ObjectStore,
  { isCorrected, prefix = 'examples/ledger/' }: { readonly isCorrected: boolean; readonly prefix?: string },
): Promise<number> {
  const ledger = demoLedger();
  const files = isCorrected ? [correctionFile(ledger)] : ledgerFiles(ledger);
  for (const { key, body } of files) await store.put(`${prefix}${key}`, body);
  return files.length;
}
