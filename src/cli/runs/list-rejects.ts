import type { AttributeValue } from '../../pipeline/item/attribute.ts';
import type { Reject } from '../../pipeline/mapping/reject.ts';
import { rejectAdvice } from '../../pipeline/mapping/reject-advice.ts';
import { readRejects } from '../../store/item-files.ts';

import { findManifest, readCheckpoints, readPlan } from '../../store/run-files.ts';
import { asTypedHere, TRIBUTARY, WITH_CONFIG } from '../terminal/invocation.ts';
import { counted } from '../terminal/measures.ts';
import { paletteFor } from '../terminal/palette.ts';
import { clipped, textTable } from '../terminal/text-table.ts';
import { type StoredRun, storedRun } from './stored-run.ts';

export interface RejectsOptions {
  readonly json?: boolean;
  readonly config?: string;
}

/** Items shown per reason. */
const SHOWN = 10;
/** Terminal columns of a key. */
const KEY_WIDTH = 60;

interface Reason {
  readonly reason: string;
  items: number;
  readonly first: Reject[];
}

export async function listRejects(run: string, options: RejectsOptions): Promise<void> {
  const at = await storedRun(run, options.config);
  const reasons = new Map<string, Reason>();
  for await (const reject of rejectsOf(at)) {
    if (options.json) {
      process.stdout.write(`${JSON.stringify(reject)}\n`);
      continue;
    }
    const known = reasons.get(reject.reason) ?? { reason: reject.reason, items: 0, first: [] };
    reasons.set(reject.reason, known);
    if (known.items++ < SHOWN) known.first.push(reject);
  }
  if (!options.json) process.stdout.write(`${rejectLines(at, [...reasons.values()]).join('\n')}\n`);
}

/** Every item that the run's checkpoints and its manifest record as set aside. Only one file's worth is in memory at a time. */
async function* rejectsOf(at: StoredRun): AsyncGenerator<Reject> {
  const ref = { ...at, bucket: at.definition.staging.bucket };
  const { segments } = await readPlan(at.store, ref);
  for (let segment = 0; segment < segments; segment++) {
    for (const { rejects } of await readCheckpoints(at.store, ref, segment)) {
      if (rejects === undefined) continue;
      for await (const some of readRejects(at.store, rejects.key)) yield* some;
    }
  }
  const manifest = await findManifest(at.store, ref);
  for (const { key } of manifest?.oddRejects ?? []) {
    for await (const some of readRejects(at.store, key)) yield* some;
  }
}

function rejectLines({ run, pipeline }: StoredRun, reasons: readonly Reason[]): string[] {
  const { bold, dim } = paletteFor(process.stdout);
  const items = reasons.reduce((sum, reason) => sum + reason.items, 0);
  if (items === 0) return [`Run ${run} of ${pipeline} set no items aside.`];
  const lines = [`Run ${bold(run)} of ${bold(pipeline)} set ${counted(items, 'item')} aside`];
  for (const { reason, items: n, first } of reasons.toSorted((a, b) => b.items - a.items)) {
    const names = Object.keys(first[0]?.key ?? {});
    const rows = first.map(({ key, path }) => [...names.map((name) => keyText(key[name])), path]);
    const titles = [...names, 'at'].map((title) => ({ title }));
    lines.push('', `${bold(String(n))} because ${reason}`);
    lines.push(...textTable(titles, rows, dim).map((line) => `  ${line}`));
    if (n > first.length) lines.push(dim(`  and ${n - first.length} more`));
  }
  lines.push('', `To see the complete items: ${TRIBUTARY} rejects ${run} --json${WITH_CONFIG}`);
  const causes = reasons.map(({ reason }) => reason);
  lines.push(asTypedHere(rejectAdvice(causes, run)));
  return lines;
}

/** As JSON, which makes invisible characters visible. */
const keyText = (value: AttributeValue | undefined) =>
  clipped(JSON.stringify(Object.values(value ?? {})[0] ?? null), KEY_WIDTH);
