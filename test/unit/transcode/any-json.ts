import type { Item } from '../../../src/pipeline/item/attribute.ts';

/** JSON of an item as some writer of JSON may have written it: the same values, with other escapes and blanks. */
export function jsonOf(item: Item, random: () => number): string {
  const style = random();
  // As DynamoDB writes it, in most cases.
  if (style < 0.6) return JSON.stringify(item);
  const blanks = style > 0.9;
  const blank = () => (blanks && random() < 0.1 ? (random() < 0.5 ? ' ' : '\n') : '');
  const text = (value: string) =>
    `"${value
      .split('')
      .map((unit) => {
        const escaped = `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
        if (random() < 0.1) return random() < 0.5 ? escaped : escaped.toUpperCase().replace('\\U', '\\u');
        if (unit === '/' && random() < 0.5) return '\\/';
        const isHalf = unit >= '\ud800' && unit <= '\udfff';
        return isHalf ? escaped : JSON.stringify(unit).slice(1, -1);
      })
      .join('')}"`;
  const write = (value: unknown): string => {
    if (typeof value === 'string') return text(value);
    if (Array.isArray(value)) return `[${value.map((one) => blank() + write(one)).join(',')}${blank()}]`;
    if (typeof value === 'object' && value !== null) {
      const members = Object.entries(value).map(
        ([name, member]) => `${blank()}${text(name)}${blank()}:${blank()}${write(member)}`,
      );
      return `{${members.join(',')}${blank()}}`;
    }
    return JSON.stringify(value);
  };
  return write(item);
}
