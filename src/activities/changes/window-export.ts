import { Terminal } from '../../clients/errors.ts';
import { type ExportWindow, LONGEST_SECONDS } from '../../pipeline/changes/export-window.ts';
import { windowToken } from '../../pipeline/changes/window-token.ts';
import { exportIdIn, withSlash } from '../../pipeline/export/export-keys.ts';
import { counted } from '../../pipeline/text/measures.ts';
import {
  claimWindowExport,
  findWindowExport,
  windowExportPrefix,
} from '../../store/changes/window-exports.ts';
import { findWindowFiles, verifyFiles, type WindowFiles } from '../../store/sources/window-files.ts';
import { wait } from '../runtime/wait.ts';
import type { ShardToRead } from './shard-reading.ts';

/** How often a window is exported until an operator must act. A retry begins to count again. */
const MOST_EXPORTS = 3;
/** Between two looks at an export, which takes minutes. */
const LOOK_MS = { first: 500, most: 20_000 };

/** Why a window cannot be exported, now or ever. */
export interface LostWindow {
  readonly reason: 'recovery disabled' | 'table recreated';
  readonly message: string;
}

/** An export of a window, complete and checked. */
export interface ReadyExport extends WindowFiles {
  /** Of the window's exports, from 1. */
  readonly nth: number;
}

type Reader = Pick<ShardToRead, 'deps' | 'log' | 'epoch' | 'shard' | 'followed' | 'signal' | 'onWait'>;

/** Exports one window, as often as it takes. */
export class WindowExports {
  readonly #of: Reader;
  readonly #window: ExportWindow;

  constructor(of: Reader) {
    this.#of = of;
    const { window } = of.shard;
    if (window === undefined) throw new Error(`shard ${of.shard.shard} of an epoch of exports has no window`);
    this.#window = window;
  }

  /**
   * The window's export. If none was requested, or the last one failed or is damaged, another is. Waits until it is complete, and
   * reads all its files once, so that what is written to the log comes from one export.
   * @throws Terminal `ExportFailed`, `ExportDamaged`, `ExportIncomplete` for the third one that cannot be used; `TableNotFound`.
   *   Transient `WorkerStopping`
   */
  async ready(): Promise<ReadyExport | LostWindow> {
    for (let tries = 1, nth = await this.#lastNth(); ; nth++) {
      const arn = (await this.#find(nth)) ?? (await this.#request(nth));
      if (typeof arn === 'object') return arn;
      try {
        await this.#completed(arn);
        const found = await this.#files(nth, arn);
        await this.#verified(found);
        return { ...found, nth };
      } catch (error) {
        if (!(error instanceof Terminal && UNUSABLE.has(error.code)) || tries >= MOST_EXPORTS) throw error;
        // One that an earlier attempt of this activity has found unusable does not count.
        if (nth > this.#earlier) tries++;
      }
    }
  }

  /** An export of which a checkpoint was written: it was complete and undamaged then. */
  async resumed(nth: number): Promise<ReadyExport> {
    const arn = await this.#find(nth);
    if (arn !== undefined) return { ...(await this.#files(nth, arn)), nth };
    throw new Terminal(
      'ExportIncomplete',
      `A checkpoint of shard ${this.#of.shard.shard} was written from its export ${nth}, but what was requested is not known. Restore its export-….json.`,
    );
  }

  /** Of the last export that had been requested before. */
  #earlier = 0;

  async #lastNth(): Promise<number> {
    while ((await this.#find(this.#earlier + 1)) !== undefined) this.#earlier++;
    return Math.max(1, this.#earlier);
  }

  #find(nth: number): Promise<string | undefined> {
    const { log, shard, signal } = this.#of;
    return findWindowExport(log, shard.shard, nth, signal);
  }

  async #request(nth: number): Promise<string | LostWindow> {
    const { deps, log, epoch, shard, signal } = this.#of;
    const { table, exports } = await this.#of.followed();
    const { tableId, tableArn = table } = await deps.source.describe(table, { signal });
    if (tableId !== epoch.tableId) return lost('table recreated', epoch.tableName, this.#window);
    const restorable = await deps.tableExports.restorable(table, { signal });
    const { from, to } = this.#window;
    const isLost = restorable === undefined || from < restorable.earliest || to - from > LONGEST_SECONDS;
    if (isLost) return lost('recovery disabled', epoch.tableName, this.#window);
    this.#of.onWait('requesting an export');
    const prefix = windowExportPrefix({ ...log.at, shard: shard.shard }, nth);
    const viewType = exports?.viewType ?? epoch.viewType;
    const token = windowToken(log.at.epoch, this.#window, nth);
    const wanted = { tableArn, bucket: log.store.bucket, prefix, token, window: { from, to, viewType } };
    let arn: string;
    try {
      arn = await deps.tableExports.request(wanted, { signal });
    } catch (error) {
      if (!(error instanceof Terminal && error.code === 'RecoveryDisabled')) throw error;
      return lost('recovery disabled', epoch.tableName, this.#window);
    }
    return claimWindowExport(log, shard.shard, nth, arn, signal);
  }

  /** @throws Terminal `ExportFailed` */
  async #completed(arn: string): Promise<void> {
    const { deps, epoch, signal, onWait } = this.#of;
    for (let waitMs = LOOK_MS.first; ; waitMs = Math.min(2 * waitMs, LOOK_MS.most)) {
      const { status, failure = 'no reason is given' } = await deps.tableExports.describe(arn, { signal });
      if (status === 'COMPLETED') return;
      if (status === 'FAILED') {
        throw new Terminal(
          'ExportFailed',
          `DynamoDB could not make the export ${arn} of table ${epoch.tableName}: ${failure}. Fix the cause, then retry the shard: the window is then exported again.`,
        );
      }
      onWait(`waiting for the export ${arn}`);
      await wait(waitMs, deps, 'waits for the export', signal);
    }
  }

  async #files(nth: number, arn: string): Promise<WindowFiles> {
    const { log, epoch, shard, signal } = this.#of;
    const prefix = withSlash(windowExportPrefix({ ...log.at, shard: shard.shard }, nth));
    const wanted = { prefix, id: exportIdIn(arn) ?? arn, tableId: epoch.tableId, window: this.#window };
    return findWindowFiles(log.store, wanted, signal);
  }

  #verified({ files }: WindowFiles): Promise<void> {
    const { log, signal, onWait } = this.#of;
    const onPage = (items: number) => onWait(`checking the export: ${counted(items, 'change')}`);
    return verifyFiles(log.store, files, { signal, onPage });
  }
}

/** Another export may be better. */
const UNUSABLE = new Set(['ExportFailed', 'ExportDamaged', 'ExportIncomplete', 'ExportNotFound']);

function lost(reason: LostWindow['reason'], table: string, { from, to }: ExportWindow): LostWindow {
  const between = `from ${iso(from)} to ${iso(to)}`;
  const why =
    reason === 'recovery disabled'
      ? 'point-in-time recovery was disabled since, or does not reach back so far'
      : 'the table was deleted and recreated';
  return {
    reason,
    message: `Changes of DynamoDB table ${table} ${between} cannot be exported: ${why}. A refresh begins behind them.`,
  };
}

const iso = (seconds: number) => new Date(seconds * 1000).toISOString();
