/**
 * What the local Redshift says of a query of its catalogue views if another schedule drops a table meanwhile: PostgreSQL
 * lists the table, and no longer finds it when the view asks for its size or text.
 */
const IS_RACE = /could not open relation with OID \d+/;
const MOST_TRIES = 10;

/** Repeats a transaction that meets another schedule's DROP. @throws any other error at once, and this one after ten tries */
export async function despiteDrops<T>(transaction: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await transaction();
    } catch (error) {
      if (tries === MOST_TRIES || !(error instanceof Error && IS_RACE.test(error.message))) throw error;
    }
  }
}
