import type { AttributeValue, Item } from '../item/attribute.ts';
import type { Key } from '../item/key.ts';
import { numberText } from '../item/number.ts';

/**
 * One text per key, the same for keys that are the same to DynamoDB: `1.0` is `1`.
 * @throws Error if the item lacks a key attribute of its kind. The message quotes no value.
 */
export function canonicalKey(key: Key, item: Item): string {
  const texts = key.map(({ name, kind }) => {
    const value: AttributeValue | undefined = Object.hasOwn(item, name) ? item[name] : undefined;
    const content = (value as Record<string, unknown> | undefined)?.[kind];
    if (typeof content !== 'string') {
      throw new Error(`a change lacks the key attribute ${JSON.stringify(name)} of kind ${kind}`);
    }
    return kind === 'N' ? numberText(content).text : content;
  });
  return texts.length === 1 ? (texts[0] as string) : JSON.stringify(texts);
}
