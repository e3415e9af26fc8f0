import { createHash } from 'node:crypto';
import { z } from 'zod';

const NAME = /^(?!(?:aws|amazon)\.)(?!\.)(?!.*\.\.)[\w.-]{1,256}(?<!\.)$/i;
const TYPE = /^(?:String|Number|Binary)(?:\.[\w.-]+)?$/;

const Value = z
  .strictObject({
    DataType: z.string().regex(TYPE, 'expected String, Number or Binary, with or without a suffix'),
    StringValue: z.string().min(1).optional(),
    /** Base64. */
    BinaryValue: z.base64().min(1).optional(),
  })
  .refine(
    ({ DataType, StringValue, BinaryValue }) =>
      DataType.startsWith('Binary')
        ? BinaryValue !== undefined && StringValue === undefined
        : StringValue !== undefined && BinaryValue === undefined,
    'expected the value that its DataType names, and only that',
  );

/** A message's own attributes, at most ten. */
export const MessageAttributes = z
  .record(z.string().regex(NAME, 'not a name of an attribute'), Value)
  .refine((attributes) => Object.keys(attributes).length <= 10, 'a message has at most 10 attributes');
export type MessageAttributes = z.infer<typeof MessageAttributes>;

/** What the attributes add to the size of a message. */
export function attributeBytes(attributes: MessageAttributes = {}): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(attributes)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(value.DataType) + bytesOf(value).length;
  }
  return bytes;
}

/**
 * The MD5 that clients check.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
 */
export function md5OfAttributes(attributes: MessageAttributes): string {
  const hash = createHash('md5');
  const add = (bytes: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  };
  const names = Object.keys(attributes).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  for (const name of names) {
    const value = attributes[name]!;
    add(Buffer.from(name));
    add(Buffer.from(value.DataType));
    hash.update(Buffer.from([value.DataType.startsWith('Binary') ? 2 : 1]));
    add(bytesOf(value));
  }
  return hash.digest('hex');
}

/** The attributes with these names: `All` or `.*`, a name, or a prefix as in `trace.*`. */
export function selectAttributes(
  attributes: MessageAttributes,
  names: readonly string[],
): MessageAttributes | undefined {
  const isSelected = (attribute: string) =>
    names.some((name) =>
      name === 'All' || name === '.*'
        ? true
        : name.endsWith('.*')
          ? attribute.startsWith(name.slice(0, -1))
          : attribute === name,
    );
  const selected = Object.entries(attributes).filter(([name]) => isSelected(name));
  return selected.length === 0 ? undefined : Object.fromEntries(selected);
}

function bytesOf({ StringValue, BinaryValue }: MessageAttributes[string]): Buffer {
  return StringValue === undefined ? Buffer.from(BinaryValue!, 'base64') : Buffer.from(StringValue);
}
