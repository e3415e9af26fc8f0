import { randomBytes } from 'node:crypto';
import type { ObjectStore } from '../../clients/object-store.ts';
import { recordedWarehouse } from '../../clients/recorded-warehouse.ts';
import { redactedWarehouse } from '../../clients/redacted-warehouse.ts';
import { statementLogKey } from '../../pipeline/run/run-directory.ts';
import type { RunRef } from '../../pipeline/run/run-ref.ts';
import type { LoggedTransaction, StatementLog } from '../../pipeline/run/statement-log.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { isRedacted } from '../runtime/redaction.ts';

/** Longest time before an ended statement is logged. An execution that dies loses at most this much of its log. */
const HELD_MS = 10_000;
/** Longest time the activity waits for its log to be written. */
const PUT_MS = 20_000;

/**
 * Runs `work` with a warehouse whose transactions are logged in the run's `statements/`, even if `work` fails. For a
 * pipeline with `redactValues`, their errors quote no values.
 * @param refOf the run, once it is known; nothing is written before.
 */
export async function withStatementLog<T>(
  deps: Dependencies,
  phase: string,
  refOf: () => RunRef | undefined,
  work: (deps: Dependencies) => Promise<T>,
): Promise<T> {
  let held: LoggedTransaction[] = [];
  let writtenMs = Date.now();
  const flush = async () => {
    const ref = refOf();
    if (ref === undefined || held.length === 0) return;
    const transactions = held;
    held = [];
    writtenMs = Date.now();
    await putLog(deps.store(ref.bucket), ref, { version: 1, run: ref.run, phase, transactions });
  };
  const record = async (transaction: LoggedTransaction) => {
    held.push(transaction);
    if (Date.now() - writtenMs >= HELD_MS) await flush();
  };
  const redacted = async () => {
    const ref = refOf();
    return ref !== undefined && (await isRedacted(deps, ref));
  };
  try {
    return await work({
      ...deps,
      warehouse: (target) => recordedWarehouse(redactedWarehouse(deps.warehouse(target), redacted), record),
    });
  } finally {
    await flush();
  }
}

/** A log that cannot be written is not a reason to fail: no decision depends on it. */
async function putLog(store: ObjectStore, ref: RunRef, log: StatementLog): Promise<void> {
  const key = statementLogKey(ref, log.phase, randomBytes(6).toString('hex'));
  try {
    await store.put(key, JSON.stringify(log), {
      signal: AbortSignal.timeout(PUT_MS),
      contentType: 'application/json',
    });
  } catch {
    // The next one may succeed.
  }
}
