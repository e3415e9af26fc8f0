import { randomBytes } from 'node:crypto';
import { DynamodbError } from '../dynamodb-error.ts';
import type { Item } from '../item.ts';
import type { KeyLocks } from '../key-locks.ts';
import type { Upstream } from '../upstream.ts';
import { putObjects, type S3Address } from './bucket.ts';
import { damaged, type ExportFault, type ExportFaults } from './export-faults.ts';
import { type ExportObjects, fullExport, incrementalExport, type ViewType } from './export-files.ts';
import type { RecoveredTable } from './recovery.ts';

const TOKEN_LIFE_MS = 8 * 3600 * 1000;

/** What a client asked for. */
export interface Wanted {
  readonly bucket: string;
  readonly prefix: string;
  readonly token: string | undefined;
  /** Default: now. */
  readonly exportTimeMs?: number | undefined;
  /** Of an incremental export. */
  readonly window?: { readonly fromMs: number; readonly toMs: number; readonly viewType: ViewType };
}

export interface TableExport {
  readonly arn: string;
  readonly id: string;
  readonly recovered: RecoveredTable;
  readonly wanted: Wanted;
  readonly startedAtMs: number;
  readonly exportTimeMs: number;
  endedAtMs?: number;
  status: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED';
  failure?: { readonly code: string; readonly message: string };
  itemCount?: number;
}

interface ExportParts {
  readonly upstream: Upstream;
  readonly locks: KeyLocks;
  readonly faults: ExportFaults;
  /** Undefined: every export fails. */
  readonly s3: S3Address | undefined;
  /** The data files of an export. */
  readonly files: number;
}

/** The exports of all tables, in memory. */
export class TableExports {
  readonly #parts: ExportParts;
  readonly #byArn = new Map<string, TableExport>();
  readonly #running = new Set<Promise<void>>();

  constructor(parts: ExportParts) {
    this.#parts = parts;
  }

  all(): TableExport[] {
    return [...this.#byArn.values()];
  }

  find(arn: string): TableExport | undefined {
    return this.#byArn.get(arn);
  }

  /** Begins an export, or returns the one that has the same token. @throws DynamodbError `ExportConflictException` */
  begin(recovered: RecoveredTable, wanted: Wanted): TableExport {
    const nowMs = recovered.clock.nowMs();
    const same = this.all().find(
      (each) =>
        wanted.token !== undefined &&
        each.wanted.token === wanted.token &&
        each.recovered.clock.nowMs() - each.startedAtMs < TOKEN_LIFE_MS,
    );
    if (same !== undefined) {
      if (
        JSON.stringify(same.wanted) === JSON.stringify(wanted) &&
        same.recovered.table.arn === recovered.table.arn
      )
        return same;
      throw new DynamodbError(
        'ExportConflictException',
        'There was a request with the same client token and other parameters.',
      );
    }
    const id = `${String(nowMs).padStart(14, '0')}-${randomBytes(4).toString('hex')}`;
    const begun: TableExport = {
      ...{ arn: `${recovered.table.arn}/export/${id}`, id, recovered, wanted, startedAtMs: nowMs },
      // What was written up to now has earlier times.
      ...{ exportTimeMs: wanted.exportTimeMs ?? nowMs + 1, status: 'IN_PROGRESS' },
    };
    this.#byArn.set(begun.arn, begun);
    const running = this.#run(begun, this.#parts.faults.take(recovered.table.name)).finally(() =>
      this.#running.delete(running),
    );
    this.#running.add(running);
    return begun;
  }

  /** Waits for the exports in progress. */
  async close(): Promise<void> {
    await Promise.all(this.#running);
  }

  async #run(begun: TableExport, fault: ExportFault | undefined): Promise<void> {
    try {
      const objects = await this.#objectsOf(begun);
      if (fault?.fail !== undefined) begun.failure = fault.fail;
      else if (this.#parts.s3 === undefined) {
        begun.failure = { code: 'S3AccessDenied', message: 'DYNAMODB_S3 names no S3 server.' };
      } else await putObjects(this.#parts.s3, begun.wanted.bucket, damaged(objects, fault?.damage));
    } catch (error) {
      const { name, message } = error as Error;
      begun.failure = { code: name === 'NoSuchBucket' ? 'S3NoSuchBucket' : 'UNKNOWN', message };
    }
    begun.endedAtMs = begun.recovered.clock.nowMs();
    begun.status = begun.failure === undefined ? 'COMPLETED' : 'FAILED';
  }

  async #objectsOf(begun: TableExport): Promise<ExportObjects> {
    const { id, recovered, wanted, startedAtMs, exportTimeMs } = begun;
    const { table, tableId } = recovered;
    const common = {
      ...{ bucket: wanted.bucket, prefix: wanted.prefix, id, tableArn: table.arn, tableId },
      ...{ startedAtMs, endedAtMs: recovered.clock.nowMs(), files: this.#parts.files },
    };
    if (wanted.window !== undefined) {
      const { fromMs, toMs, viewType } = wanted.window;
      const changes = recovered.netChanges(fromMs, toMs);
      begun.itemCount = changes.length;
      return incrementalExport({ ...common, fromMs, toMs, viewType, changes });
    }
    const later = await this.#scan(table.name);
    // Writes that the scan saw are recorded before their clients get an answer.
    await this.#parts.locks.settled();
    const items = recovered.itemsAt(exportTimeMs, later);
    begun.itemCount = items.length;
    return fullExport({ ...common, exportTimeMs, items });
  }

  async #scan(TableName: string): Promise<Item[]> {
    const items: Item[] = [];
    let from: Item | undefined;
    do {
      const page: { Items: Item[]; LastEvaluatedKey?: Item } = await this.#parts.upstream.call('Scan', {
        TableName,
        ConsistentRead: true,
        ...(from && { ExclusiveStartKey: from }),
      });
      for (const item of page.Items) items.push(item);
      from = page.LastEvaluatedKey;
    } while (from !== undefined);
    return items;
  }
}
