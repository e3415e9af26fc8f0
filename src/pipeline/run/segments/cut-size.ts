/** Bytes that one read unit of a scan pays for: it reads eventually consistently, so 4 KB cost half a unit. */
const BYTES_PER_READ_UNIT = 8192;

/**
 * Whether a segment should cut now, by what the cut holds. COPY loads files of similar size best, and the rest of a segment
 * should not be a tiny one: so what the segment will probably still hold is divided evenly. A segment for 33 MB with a
 * limit of 32 MB makes two cuts of about 17 MB. No cut exceeds the limit, and none but a segment's last is less than half of it.
 *
 * The size is an estimate: if the segment ends sooner, its last cut is smaller; if it is longer, the limit decides.
 * @param cut what it holds, and the read units of its pages
 * @param segment the read units of all pages so far, and the bytes that DynamoDB estimates for the whole segment
 */
export function isCutFull(
  cut: { readonly heldBytes: number; readonly readUnits: number },
  segment: { readonly readUnits: number; readonly expectedBytes: number },
  limitBytes: number,
): boolean {
  const { heldBytes } = cut;
  if (heldBytes >= limitBytes) return true;
  const readBytes = cut.readUnits * BYTES_PER_READ_UNIT;
  const leftBytes = segment.expectedBytes - segment.readUnits * BYTES_PER_READ_UNIT;
  if (readBytes === 0 || leftBytes <= 0) return false;
  const toHold = heldBytes + (heldBytes / readBytes) * leftBytes;
  const cuts = Math.ceil(toHold / limitBytes);
  return cuts > 1 && heldBytes >= toHold / cuts;
}
