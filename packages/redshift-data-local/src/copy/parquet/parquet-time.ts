const MICROS_PER_DAY = 86_400_000_000n;
/** Days from the years 1 to 9999, which Redshift's dates have at least. */
const FIRST_DAY = -719_162n;
const LAST_DAY = 2_932_896n;

/** A day, counted from 1970-01-01, as `YYYY-MM-DD`; nothing if its year is not one of 1 to 9999. */
export function dateText(days: bigint): string | undefined {
  if (days < FIRST_DAY || days > LAST_DAY) return undefined;
  return new Date(Number(days) * 86_400_000).toISOString().slice(0, 10);
}

/** Microseconds since 1970 as `YYYY-MM-DD HH:MM:SS[.ffffff]`; nothing if the year is not one of 1 to 9999. */
export function timestampText(micros: bigint): string | undefined {
  const inDay = ((micros % MICROS_PER_DAY) + MICROS_PER_DAY) % MICROS_PER_DAY;
  const date = dateText((micros - inDay) / MICROS_PER_DAY);
  if (date === undefined) return undefined;
  const seconds = Number(inDay / 1_000_000n);
  const fraction = Number(inDay % 1_000_000n);
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const clock = `${two(seconds / 3_600)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}`;
  return `${date} ${clock}${fraction === 0 ? '' : `.${String(fraction).padStart(6, '0')}`}`;
}

/** Whole microseconds of a stored timestamp. INT96 comes as nanoseconds since 1970; what is less than a microsecond is cut off. */
export function microseconds(stored: bigint, unit: 'INT96' | 'MILLIS' | 'MICROS'): bigint {
  if (unit === 'MILLIS') return stored * 1_000n;
  if (unit === 'MICROS') return stored;
  const rest = ((stored % 1_000n) + 1_000n) % 1_000n;
  return (stored - rest) / 1_000n;
}
