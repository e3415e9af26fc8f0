import { randomUUID } from 'node:crypto';
import { findPipeline } from '../../config/find-pipeline.ts';
import { configPath, readConfig } from '../../config/read-config.ts';
import { type SetAsideEntry, setAsideOf, setAsideQuery } from '../../pipeline/changes/set-aside.ts';
import { ended } from '../query/read-only.ts';
import { warehouseHere } from '../query/warehouse-here.ts';
import { expanded } from '../temporal/config-here.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { onInterrupt } from '../terminal/interrupt.ts';
import { TRIBUTARY, WITH_CONFIG } from '../terminal/invocation.ts';
import { count } from '../terminal/measures.ts';
import { paletteFor } from '../terminal/palette.ts';
import { textTable } from '../terminal/text-table.ts';
import { type ChangesOptions, onePipeline } from './changes-here.ts';

export interface SetAsideOptions extends ChangesOptions {
  readonly limit?: number;
  readonly json?: boolean;
}

const SHOWN = 50;
const MOST_SHOWN = 10_000;

/** Lists the keys that have no rows in a destination, because their last change could not be written or was skipped. */
export async function listSetAside(name: string, options: SetAsideOptions): Promise<ExitCode> {
  const { config, json = false, limit = json ? MOST_SHOWN : SHOWN } = options;
  const { destinations } = await onePipeline(name, options);
  const tables = destinations.filter(({ kind }) => kind === 'redshift');
  const [only, ...others] = tables;
  if (only === undefined || others.length > 0)
    throw new CommandError(
      ExitCode.usage,
      only === undefined
        ? 'A history has all changes: nothing is set aside.'
        : `Choose with --destination: ${tables.map((each) => each.name).join(', ')}.`,
    );
  const known = await expanded(await readConfig(configPath(config)), config);
  const destination = findPipeline(known, name).destinations[only.name];
  if (destination?.kind !== 'redshift') throw new Error(`destination ${only.name} is of another kind`);
  const { warehouse: target } = destination.definition;
  const interrupt = onInterrupt();
  try {
    const warehouse = await warehouseHere(target);
    const sql = setAsideQuery(target.schema, limit + 1);
    const id = await warehouse.submit([sql], {
      name: 'tributary changes set-aside',
      clientToken: randomUUID(),
    });
    await ended(warehouse, id, interrupt.signal);
    const entries = setAsideOf(await warehouse.rows(id, 1));
    const shown = entries.slice(0, limit);
    const lines = json ? shown.map((entry) => JSON.stringify(entry)) : table(shown);
    for (const line of lines) process.stdout.write(`${line}\n`);
    if (!json) process.stdout.write(`${summary(name, entries.length, limit)}\n`);
    return ExitCode.done;
  } finally {
    interrupt.release();
  }
}

function table(entries: readonly SetAsideEntry[]): string[] {
  if (entries.length === 0) return [];
  return textTable(
    [
      ...[{ title: 'key hash' }, { title: 'since' }, { title: 'shard' }],
      ...[{ title: 'checkpoint', align: 'right' as const }, { title: 'reason' }],
    ],
    entries.map(({ keyHash, recordedAt = '', shard, checkpoint, reason }) => [
      ...[keyHash, recordedAt],
      ...(shard === '' ? ['set aside by a run', ''] : [shard, count(checkpoint)]),
      reason,
    ]),
    paletteFor(process.stdout).dim,
  );
}

function summary(name: string, found: number, limit: number): string {
  if (found === 0) return `Nothing of ${name} is set aside.`;
  const more = found > limit ? `There are more than ${count(limit)}: --limit. ` : '';
  return `${more}Once the cause is removed: ${TRIBUTARY} changes replay ${name} --all${WITH_CONFIG}`;
}
