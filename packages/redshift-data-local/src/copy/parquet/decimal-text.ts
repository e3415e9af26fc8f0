/** A DECIMAL's unscaled value: an integer, or the bytes of one, the first with the sign. */
export type Unscaled = number | bigint | Uint8Array;

/** A DECIMAL as text, with all its digits. */
export function decimalText(unscaled: Unscaled, scale: number): string {
  const value = unscaled instanceof Uint8Array ? signedInteger(unscaled) : BigInt(unscaled);
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0');
  const sign = value < 0n ? '-' : '';
  if (scale === 0) return sign + digits;
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function signedInteger(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n;
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${Buffer.from(bytes).toString('hex')}`));
}

/** The fewest bytes that hold every DECIMAL of a precision. */
export function bytesOfPrecision(precision: number): number {
  let bytes = 1;
  while (2n ** BigInt(bytes * 8 - 1) < 10n ** BigInt(precision)) bytes++;
  return bytes;
}
