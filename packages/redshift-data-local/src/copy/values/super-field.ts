import { FieldError } from './field-error.ts';

/** AWS: "Limitations" of SUPER. A string is limited like a VARCHAR unless the cluster has opted in to larger ones. */
const MAX_STRING_BYTES = 65_535;
const MAX_SUPER_BYTES = 16_777_216;

/** Checks the serialized JSON of a SUPER field and returns it. */
export function superField(json: string): void {
  if (Buffer.byteLength(json) > MAX_SUPER_BYTES) throw new FieldError(1224, 'A SUPER value exceeds 16 MB');
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new FieldError(1224, 'Invalid JSON for a SUPER value');
  }
  checkStrings(value);
}

function checkStrings(value: unknown): void {
  if (typeof value === 'string') {
    if (value.includes('\0'))
      throw new FieldError(1224, 'A string of a SUPER value contains the character U+0000');
    if (!value.isWellFormed())
      throw new FieldError(1224, 'A string of a SUPER value contains half of a surrogate pair');
    if (value.length > MAX_STRING_BYTES / 3 && Buffer.byteLength(value) > MAX_STRING_BYTES)
      throw new FieldError(1224, `A string of a SUPER value exceeds ${MAX_STRING_BYTES} bytes`);
  } else if (Array.isArray(value)) for (const item of value) checkStrings(item);
  else if (value !== null && typeof value === 'object') {
    for (const [key, item] of Object.entries(value)) {
      checkStrings(key);
      checkStrings(item);
    }
  }
}
