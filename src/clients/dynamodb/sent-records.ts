import type { Buffer } from 'node:buffer';
import type { Item } from '../../pipeline/item/attribute.ts';
import { parseExactly } from '../../pipeline/item/exact-json.ts';
import { ByteReader, WRITTEN_OTHERWISE } from '../../transcode/byte-reader.ts';
import { OPEN_BRACE } from '../../transcode/bytes.ts';
import type { SentBytes, Span, StreamRecord } from '../change-stream.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const NAMES = {
  records: bytesOf('Records'),
  next: bytesOf('NextShardIterator'),
  kind: bytesOf('eventName'),
  identity: bytesOf('userIdentity'),
  dynamodb: bytesOf('dynamodb'),
  at: bytesOf('ApproximateCreationDateTime'),
  key: bytesOf('Keys'),
  image: bytesOf('NewImage'),
  before: bytesOf('OldImage'),
  sequence: bytesOf('SequenceNumber'),
  size: bytesOf('SizeBytes'),
};
const KINDS = ['INSERT', 'MODIFY', 'REMOVE'] as const;
const SEQUENCE = /^\d{1,40}$/;
const NULL = bytesOf('null');

/** What GetRecords answers. */
export interface RecordsAnswer {
  readonly records: readonly StreamRecord[];
  /** Undefined at the end of a closed shard. */
  readonly nextIterator: string | undefined;
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-streams.html */
export const isExpiry = (
  identity: { readonly Type?: unknown; readonly PrincipalId?: unknown } | null | undefined,
) => identity?.Type === 'Service' && identity.PrincipalId === 'dynamodb.amazonaws.com';

/** A record whose key and images are parsed when they are asked for. */
class SentRecord implements StreamRecord {
  sequence = '';
  kind: StreamRecord['kind'] = 'REMOVE';
  at = Number.NaN;
  expired = false;
  bytes = 0;
  readonly sent: SentBytes;

  constructor(sent: SentBytes) {
    this.sent = sent;
  }

  get key(): Item {
    return this.#parsed(this.sent.key) as Item;
  }

  get image(): Item | undefined {
    return this.#parsed(this.sent.image);
  }

  get before(): Item | undefined {
    return this.#parsed(this.sent.before);
  }

  #parsed(at: Span | undefined): Item | undefined {
    return at && (parseExactly(this.sent.body.toString('utf8', at.start, at.end)) as Item);
  }
}

/** Finds the records in an answer, without parsing what the items hold. */
class Answer {
  readonly #body: Buffer;
  readonly #reader = new ByteReader();
  readonly #records: SentRecord[] = [];
  #hasRecords = false;
  #next: string | undefined;
  #kind: SentRecord['kind'] | undefined;
  #expired = false;
  #sequence = '';
  #at = Number.NaN;
  #size = 0;
  #key: Span | undefined;
  #image: Span | undefined;
  #before: Span | undefined;

  constructor(body: Buffer) {
    this.#body = body;
  }

  read(): RecordsAnswer {
    const reader = this.#reader;
    reader.turnTo(this.#body, 0, this.#body.length);
    reader.members(this.#takeMember);
    if (reader.at !== this.#body.length || !this.#hasRecords) throw WRITTEN_OTHERWISE;
    return { records: this.#records, nextIterator: this.#next };
  }

  readonly #takeMember = (): void => {
    const reader = this.#reader;
    if (reader.isNamed(NAMES.records)) {
      this.#hasRecords = true;
      reader.elements(this.#takeRecord);
    } else if (reader.isNamed(NAMES.next)) {
      const next = JSON.parse(reader.text()) as unknown;
      if (next !== null && typeof next !== 'string') throw WRITTEN_OTHERWISE;
      this.#next = next ?? undefined;
    } else reader.skip();
  };

  readonly #takeRecord = (): void => {
    this.#begin();
    this.#reader.members(this.#takeOfRecord);
    const [kind, key, image, before] = [this.#kind, this.#key, this.#image, this.#before];
    if (kind === undefined || key === undefined || Number.isNaN(this.#at) || this.#sequence === '')
      throw WRITTEN_OTHERWISE;
    const body = this.#body;
    const record = new SentRecord({ body, key, ...(image && { image }), ...(before && { before }) });
    record.kind = kind;
    record.sequence = this.#sequence;
    record.at = this.#at;
    record.expired = this.#expired;
    record.bytes = this.#size;
    this.#records.push(record);
  };

  #begin(): void {
    this.#kind = this.#key = this.#image = this.#before = undefined;
    this.#expired = false;
    this.#sequence = '';
    this.#at = Number.NaN;
    this.#size = 0;
  }

  readonly #takeOfRecord = (): void => {
    const reader = this.#reader;
    if (reader.isNamed(NAMES.dynamodb)) reader.members(this.#takeOfChange);
    else if (reader.isNamed(NAMES.kind)) {
      const kind = JSON.parse(reader.text()) as unknown;
      this.#kind = KINDS.find((each) => each === kind);
    } else if (reader.isNamed(NAMES.identity)) {
      this.#expired = isExpiry(JSON.parse(reader.text()) as Parameters<typeof isExpiry>[0]);
    } else reader.skip();
  };

  readonly #takeOfChange = (): void => {
    const reader = this.#reader;
    if (reader.isNamed(NAMES.image)) this.#image = this.#span();
    else if (reader.isNamed(NAMES.before)) this.#before = this.#span();
    else if (reader.isNamed(NAMES.key)) this.#key = this.#span();
    else if (reader.isNamed(NAMES.sequence)) {
      const sequence = JSON.parse(reader.text()) as unknown;
      if (typeof sequence !== 'string' || !SEQUENCE.test(sequence)) throw WRITTEN_OTHERWISE;
      this.#sequence = sequence;
    } else if (reader.isNamed(NAMES.at)) this.#at = this.#number();
    else if (reader.isNamed(NAMES.size)) this.#size = this.#number();
    else reader.skip();
  };

  /** An item; undefined for null. */
  #span(): Span | undefined {
    const reader = this.#reader;
    const start = reader.at;
    const isItem = reader.first === OPEN_BRACE;
    if (!isItem && !reader.isValue(NULL)) throw WRITTEN_OTHERWISE;
    reader.skip();
    return isItem ? { start, end: reader.at } : undefined;
  }

  #number(): number {
    const found = JSON.parse(this.#reader.text()) as unknown;
    if (typeof found !== 'number') throw WRITTEN_OTHERWISE;
    return found;
  }
}

/**
 * Finds the records in an answer that arrived as it was sent, so that it is JSON.
 * @returns undefined if it is not written as DynamoDB writes it: a parser has to read it
 */
export function sentRecords(body: Buffer): RecordsAnswer | undefined {
  try {
    return new Answer(body).read();
  } catch (error) {
    if (error !== WRITTEN_OTHERWISE && !(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}
