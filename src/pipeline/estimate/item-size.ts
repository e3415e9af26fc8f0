import type { AttributeValue, Item } from '../item/attribute.ts';

/** Bytes of a list or map, in addition to those of its members. */
const CONTAINER_BYTES = 3;
/** Bytes of each member of a list or map, in addition to its own. */
const MEMBER_BYTES = 1;
/** Bytes of a boolean and of null. */
const FLAG_BYTES = 1;

/**
 * The size of an item in bytes, by which DynamoDB counts read units and the size of a table. Numbers are approximate:
 * DynamoDB does not say exactly how it stores them.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
export function itemSize(item: Item): number {
  return total(Object.entries(item), ([name, value]) => utf8Bytes(name) + valueSize(value));
}

function valueSize(value: AttributeValue): number {
  if ('S' in value) return utf8Bytes(value.S);
  if ('N' in value) return numberSize(value.N);
  if ('B' in value) return binarySize(value.B);
  if ('SS' in value) return total(value.SS, utf8Bytes);
  if ('NS' in value) return total(value.NS, numberSize);
  if ('BS' in value) return total(value.BS, binarySize);
  if ('L' in value) return CONTAINER_BYTES + total(value.L, (each) => MEMBER_BYTES + valueSize(each));
  if ('M' in value) return CONTAINER_BYTES + MEMBER_BYTES * Object.keys(value.M).length + itemSize(value.M);
  return FLAG_BYTES;
}

/** One byte per two significant digits, one more, and one for a minus sign. */
function numberSize(text: string): number {
  const [mantissa = ''] = text.toLowerCase().split('e');
  const digits = mantissa.replace(/[-+.]/g, '').replace(/^0+/, '').replace(/0+$/, '').length;
  return Math.ceil(digits / 2) + 1 + (text.startsWith('-') ? 1 : 0);
}

const binarySize = (base64: string): number => Buffer.byteLength(base64, 'base64');
const utf8Bytes = (text: string): number => Buffer.byteLength(text, 'utf8');
const total = <T>(all: readonly T[], size: (one: T) => number): number =>
  all.reduce((sum, one) => sum + size(one), 0);
