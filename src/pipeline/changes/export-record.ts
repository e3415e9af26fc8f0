import { z } from 'zod';
import type { Item } from '../item/attribute.ts';
import type { ChangeRecord } from './change-record.ts';

/** Not `z.record`, which would drop an attribute named `__proto__`. */
const image = z.custom<Item>((value) => typeof value === 'object' && value !== null && !Array.isArray(value));

/** A line of an incremental export: an item whose state at the end of the window differs from that at its start. */
const ExportLine = z.object({
  Metadata: z.object({ WriteTimestampMicros: z.object({ N: z.string().regex(/^\d+$/) }) }),
  Keys: image,
  NewImage: image.optional(),
  OldImage: image.optional(),
});

/**
 * The net change of an item in a window. Without a new image it was deleted. Whether it is new is only known with old
 * images: without them, and with a new image, it counts as modified.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
 * @param value a line as parsed JSON
 * @returns undefined if the line does not have the documented form
 */
export function netChange(
  value: unknown,
  viewType: 'NEW_IMAGE' | 'NEW_AND_OLD_IMAGES',
): ChangeRecord | undefined {
  const parsed = ExportLine.safeParse(value);
  if (!parsed.success) return undefined;
  const { Metadata, Keys: key, NewImage, OldImage } = parsed.data;
  const at = Number(Metadata.WriteTimestampMicros.N) / 1e6;
  if (NewImage === undefined) {
    return { kind: 'REMOVE', at, key, ...(OldImage === undefined ? {} : { before: OldImage }) };
  }
  const isNew = viewType === 'NEW_AND_OLD_IMAGES' && OldImage === undefined;
  return {
    ...{ kind: isNew ? 'INSERT' : 'MODIFY', at, key, image: NewImage },
    ...(OldImage === undefined ? {} : { before: OldImage }),
  };
}
