import type { ChangeRecord } from '../../pipeline/changes/change-record.ts';
import type { LogCheckpoint } from '../../pipeline/changes/log-documents.ts';
import type { Item } from '../../pipeline/item/attribute.ts';
import type { Key } from '../../pipeline/item/key.ts';
import { routeTest } from '../../pipeline/mapping/entity-route.ts';
import { FOR_LOOKS } from '../../pipeline/mapping/hide/hiding.ts';
import { Withheld } from '../../pipeline/mapping/hide/withheld.ts';
import { withheldId } from '../../pipeline/mapping/hide/withheld-id.ts';
import { type Mapping, rootTables } from '../../pipeline/mapping/mapping.ts';
import { RowFilter } from '../../pipeline/mapping/row-filter.ts';
import { hidingNow } from '../runtime/hash-key.ts';

/** A change as a stream or an export has it. */
type ReceivedChange = Pick<ChangeRecord, 'sequence' | 'kind' | 'at' | 'key'> & {
  readonly image?: Item | undefined;
  readonly before?: Item | undefined;
  readonly expired?: boolean;
};

/** What a checkpoint without images says of them. @param last the checkpoint before it */
export const asBefore = (last: LogCheckpoint | undefined): Pick<LogCheckpoint, 'withheld'> =>
  last?.withheld === undefined ? {} : { withheld: last.withheld };

/**
 * Makes of a stream's or an export's records what the log keeps: images without what the pipeline's mapping ignores, and with personal data
 * hidden. Keys stay as they are.
 */
export class RecordedChanges {
  /** Of the key with which values are hashed; undefined if none are. */
  readonly hashKeyId: string | undefined;
  readonly #withheldId: string;
  readonly #withheld: Withheld;
  readonly #filter: RowFilter | undefined;
  readonly #routes: readonly ((item: Item) => boolean)[];
  readonly #roots: readonly string[];

  /**
   * @param hashKey the worker's
   * @throws Terminal `HashKeyMissing`, `BadEnvironment`
   */
  constructor(mapping: Mapping, key: Key, hashKey: string | undefined) {
    const hashed = hidingNow(hashKey, mapping);
    this.hashKeyId = hashed?.hashKeyId;
    this.#withheldId = withheldId(mapping);
    this.#withheld = new Withheld(mapping, key, hashed?.hiding ?? FOR_LOOKS);
    this.#filter = mapping.where === undefined ? undefined : new RowFilter(mapping.where);
    this.#routes = Object.values(mapping.entities).map((route) => routeTest(route, key));
    this.#roots = rootTables(mapping);
  }

  /** Nothing is removed, hidden or left out: images stay as they were sent. */
  get keepsAll(): boolean {
    return this.#filter === undefined && this.#withheld.isEmpty;
  }

  /** What a checkpoint says of images made by it. @param last the checkpoint before it */
  madeBy(
    last: Pick<LogCheckpoint, 'number' | 'withheld'> | undefined,
  ): Pick<LogCheckpoint, 'hashKeyId' | 'withheld'> {
    const { number = 0, withheld: before = { id: this.#withheldId, since: 1 } } = last ?? {};
    const isSame = before.id === this.#withheldId;
    return {
      ...(this.hashKeyId === undefined ? {} : { hashKeyId: this.hashKeyId }),
      withheld: { id: this.#withheldId, since: isSame ? before.since : number + 1 },
    };
  }

  of({ sequence, kind, at, key, image, before, expired }: ReceivedChange): ChangeRecord {
    const isFiltered = image !== undefined && this.#filter?.keepsItem(image) === false;
    return {
      ...(sequence === undefined ? {} : { sequence }),
      ...{ kind, at, key },
      ...(image === undefined ? {} : { image: this.#kept(image) }),
      ...(before === undefined ? {} : { before: this.#kept(before) }),
      ...(isFiltered ? { filtered: true } : {}),
      ...(expired === true ? { expired: true as const } : {}),
    };
  }

  #kept(item: Item): Item {
    const entity = this.#routes.findIndex((isOf) => isOf(item));
    return this.#withheld.without(item, this.#roots[entity + 1]);
  }
}
