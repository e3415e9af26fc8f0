import { Refusal } from '../failure/refusal.ts';
import type { ItemMapping } from '../mapping/mapping.ts';

/**
 * Refuses to replay the rejects of a run whose mapping writes values in another form. The rows that the run wrote before
 * stay as they are, so a column would hold values in two forms.
 * @throws Refusal `ValuesDiffer`
 */
export function refuseOtherValues(replay: ItemMapping, earlier: ItemMapping, run: string): void {
  const [now, then] = [valueSettings(replay), valueSettings(earlier)];
  const changed = [...new Set([...now.keys(), ...then.keys()])].filter((at) => now.get(at) !== then.get(at));
  if (changed.length === 0) return;
  throw new Refusal(
    'ValuesDiffer',
    `Since run ${run}, these settings of the mapping have changed: ${changed.sort().join(', ')}. The rows that ` +
      `${run} wrote have their values in the earlier form, so what it set aside cannot join them in another one. ` +
      'Start a new run, which reads the whole table, or undo the change for this replay.',
  );
}

/** What decides the form of values, by its place in the mapping. */
function valueSettings({ columns, entities, where, emptyAsNull = false }: ItemMapping): Map<string, string> {
  const settings = new Map([['emptyAsNull', String(emptyAsNull)]]);
  if (where !== undefined) settings.set('where', JSON.stringify(where));
  for (const [path, column] of Object.entries(columns)) {
    if (column.epoch !== undefined) settings.set(`columns."${path}".epoch`, column.epoch);
    if (column.hash) settings.set(`columns."${path}".hash`, 'true');
    if (column.mask) settings.set(`columns."${path}".mask`, 'true');
    // Which values are hidden depends on the entity that an item belongs to.
    if (column.hash || column.mask) settings.set('entities', JSON.stringify(entities));
    if ((column.emptyAsNull ?? emptyAsNull) !== emptyAsNull) {
      settings.set(`columns."${path}".emptyAsNull`, String(column.emptyAsNull));
    }
  }
  return settings;
}
