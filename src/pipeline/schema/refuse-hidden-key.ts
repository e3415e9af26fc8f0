import { Refusal } from '../failure/refusal.ts';
import type { Key } from '../item/key.ts';
import { hiddenNeeded } from '../mapping/hide/hiding.ts';
import type { ItemMapping } from '../mapping/mapping.ts';

/**
 * Refuses a mapping that hides an attribute of the key, or one that routes items. Checkpoints hold the keys at which a scan
 * resumes, and an item that is kept whole is read again by these attributes.
 * @throws Refusal `KeyHidden`
 */
export function refuseHiddenKey(mapping: Pick<ItemMapping, 'columns' | 'entities'>, key: Key): void {
  const found = hiddenNeeded(mapping, key);
  if (found === undefined) return;
  const { path, setting, isKey } = found;
  throw new Refusal(
    'KeyHidden',
    `The mapping sets ${setting} for ${path}, which ` +
      (isKey
        ? "belongs to the table's primary key. Keys cannot be hidden: checkpoints hold those at which a scan resumes. " +
          'Remove the setting; to keep keys out of messages and reports, set redactValues: true.'
        : 'decides how items are routed. An item that is kept whole could not be read again. Remove the setting.'),
  );
}
