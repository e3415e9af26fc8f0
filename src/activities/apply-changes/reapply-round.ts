import { Terminal } from '../../clients/errors.ts';
import type { DestinationRef, NeedsRefresh } from '../../contract/changes/apply-activities.ts';
import type { ReapplyInput, ReapplyResult, RewindSize } from '../../contract/changes/reapply.ts';
import { isInKeySet } from '../../pipeline/apply/key-set.ts';
import type { Item } from '../../pipeline/item/attribute.ts';
import { counted } from '../../pipeline/text/measures.ts';
import type { ChangeLog } from '../../store/changes/log-documents.ts';
import { ActivityRecord } from '../runtime/activity-record.ts';
import type { ApplyTurns } from '../runtime/apply-turns.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { applyImages } from './apply-images.ts';
import { findHistory } from './history/open-history.ts';
import { type ImageReading, imageReading } from './image-reading.ts';
import { type Destination, openDestination } from './open-destination.ts';
import { type SetAsideImages, setAsideImages } from './replay-log.ts';
import { cannotRewind, imagesOfRange, rewindRangeOf, sizeOfRange } from './rewind-log.ts';
import { growTables, unlessReplaced } from './rows-for-tables.ts';
import { type SchemaInUse, schemaInUse } from './schema-in-use.ts';

const MAX_SURPRISES = 10;

/** @throws Terminal `CannotRewind` */
export async function lookAtRewind(
  deps: Dependencies,
  { since, ...ref }: DestinationRef & { readonly since: string },
): Promise<RewindSize> {
  let doing = `looking at changes since ${since}`;
  return whileHeartbeating(
    () => doing,
    async (signal) => {
      const destination = await openTables(deps, ref);
      const { found, log } = await openSchema(deps, destination, signal);
      doing = 'counting changes';
      const range = await rewindRangeOf(log, found.positions, new Date(since), signal);
      return sizeOfRange(log, range, signal);
    },
  );
}

/**
 * Applies changes again that a schema has: the last image of each key up to the schema's positions, which stay. So no reader
 * sees an older image than before, and it can be repeated. A guard fails if another apply moved the positions meanwhile: then
 * it begins again with those.
 */
export async function reapplyRound(
  deps: Dependencies,
  turns: ApplyTurns,
  { what, ...ref }: ReapplyInput,
): Promise<ReapplyResult> {
  let doing = 'looking at changes that are applied';
  const show = (now: string) => {
    doing = now;
  };
  return whileHeartbeating(
    () => doing,
    async (signal) => {
      const destination = await openTables(deps, ref);
      for (let surprises = 0; surprises < MAX_SURPRISES; ) {
        const ended = await reapplyOnce(deps, turns, destination, what, { show, signal });
        if (ended === 'again') surprises++;
        else if (ended !== 'grown') return ended;
      }
      throw new Terminal(
        'ApplyContended',
        `Another process changed the positions of ${destination.warehouse.schema} each of the ${MAX_SURPRISES} times that ` +
          'changes were to be applied to it again. Find out whether two destinations have this schema.',
      );
    },
  );
}

async function reapplyOnce(
  deps: Dependencies,
  turns: ApplyTurns,
  destination: Destination,
  what: ReapplyInput['what'],
  { show, signal }: { readonly show: (doing: string) => void; readonly signal: AbortSignal },
): Promise<ReapplyResult | 'again' | 'grown'> {
  const { found, log, reading } = await openSchema(deps, destination, signal);
  // Before its turn: a warehouse that does not answer must not keep other destinations waiting.
  show(`looking at the tables of ${found.schema}`);
  const refused = await unlessReplaced(growTables(destination, found, signal));
  if (refused === 'again') return 'again';
  if (refused !== undefined) throw needsRefresh(refused);
  show('waiting for other applies of this worker');
  const endTurn = await turns.take(signal);
  try {
    const gathered = await gatherAgain(destination, { found, log, reading }, what, { show, signal });
    if (gathered === undefined) return { kind: 'too many' };
    const { images, ...tried } = gathered;
    if (images.size === 0) return { kind: 'nothing', ...tried };
    show(`applying ${counted(images.changes, 'change')} again`);
    // One row gets the id of this attempt: if the answer is lost, it shows whether the apply took effect.
    const after = found.positions.slice(0, 1);
    const applied = await applyImages(
      deps,
      destination,
      found,
      { images, reading, epoch: log.at.epoch, after },
      { show, onRowsWritten: endTurn, signal },
    );
    if (applied === 'again' || applied === 'grown') return applied;
    if ('code' in applied) throw needsRefresh(applied);
    return { kind: 'applied', applied, ...tried };
  } finally {
    endTurn();
  }
}

/** @returns undefined if the images exceed `applyBytes` */
async function gatherAgain(
  destination: Destination,
  { found, log, reading }: OpenedSchema,
  what: ReapplyInput['what'],
  { show, signal }: { readonly show: (doing: string) => void; readonly signal: AbortSignal },
): Promise<SetAsideImages | undefined> {
  const record = ActivityRecord.current();
  const { applyBytes: mostBytes } = destination.pace;
  const bounds = { mostBytes, signal, onStep: () => record.advance() };
  if ('setAside' in what) {
    show('reading what was set aside');
    return setAsideImages(destination, found, log, what, { reading, ...bounds });
  }
  const { since, keys } = what;
  show(`reading changes since ${since}`);
  const range = await rewindRangeOf(log, found.positions, new Date(since), signal);
  const isWanted = (item: Item) => isInKeySet(reading.key, item, keys);
  const images = await imagesOfRange(log, range, reading, { isWanted, ...bounds });
  return images && { images };
}

interface OpenedSchema {
  readonly found: SchemaInUse;
  readonly log: ChangeLog;
  readonly reading: ImageReading;
}

async function openSchema(
  deps: Dependencies,
  destination: Destination,
  signal: AbortSignal,
): Promise<OpenedSchema> {
  const found = await schemaInUse(destination, destination.warehouse.schema, signal);
  if ('code' in found) throw needsRefresh(found);
  const { schema, plan, hashKeyId, logMapping, positions } = found;
  const [epoch, ...others] = new Set(positions.map((each) => each.epoch));
  if (epoch === undefined || others.length > 0)
    throw cannotRewind(`the positions of ${schema} belong to several logs`);
  const { mapping } = plan.definition;
  const loaded = { schema, mapping, key: plan.source.key, hashKeyId, logMapping };
  const reading = imageReading(destination.logMapping, loaded, deps.hashKey);
  if ('code' in reading) throw needsRefresh(reading);
  return { found, reading, log: { store: destination.store, at: { ...destination.at, epoch } } };
}

async function openTables(deps: Dependencies, ref: DestinationRef): Promise<Destination> {
  if ((await findHistory(deps, ref)) === undefined) return openDestination(deps, ref);
  throw new Terminal(
    'CannotRewind',
    `${ref.destination} is a history: every change is in its files once, by the day on which it happened, so there is nothing to ` +
      'rewind. Read the files of those days again. For a second copy, add a destination of kind s3 with a prefix of its own: it ' +
      'begins with all that the log has.',
  );
}

const needsRefresh = ({ message }: NeedsRefresh) => cannotRewind(withoutStop(message));

const withoutStop = (text: string) => text.replace(/\.$/, '');
