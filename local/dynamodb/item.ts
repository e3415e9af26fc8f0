/** An attribute value in DynamoDB's JSON: one member, which names its kind. */
export type Value = Readonly<Record<string, unknown>>;

/** An item, or a key: attribute name → value. */
export type Item = Readonly<Record<string, Value>>;

const PLAIN = /^(?:0|-?[1-9]\d{0,37}|-?(?:0|[1-9]\d{0,36})\.\d{0,36}[1-9])$/;
const NUMBER = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d{1,4}))?$/;

/** A number as DynamoDB stores and returns it: without exponent, and without zeros that mean nothing. */
export function storedNumber(text: string): string {
  if (PLAIN.test(text)) return text;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = NUMBER.exec(text) ?? [];
  const digits = `${whole}${fraction}`;
  const significant = digits.replace(/^0+/, '').replace(/0+$/, '');
  if (significant === '') return '0';
  const leading = digits.length - digits.replace(/^0+/, '').length;
  // Where the point is, counted from the first significant digit.
  const point = whole.length - leading + Number(exponent);
  const minus = sign === '-' ? '-' : '';
  if (point <= 0) return `${minus}0.${'0'.repeat(-point)}${significant}`;
  if (point >= significant.length) return `${minus}${significant.padEnd(point, '0')}`;
  return `${minus}${significant.slice(0, point)}.${significant.slice(point)}`;
}

/** True if DynamoDB stores the value as it was sent: its numbers are in their stored form, and it has no sets to sort. */
export function isStoredForm(value: Value): boolean {
  for (const [kind, content] of Object.entries(value)) {
    if (kind === 'N') return PLAIN.test(content as string);
    if (kind === 'M') return Object.values(content as Item).every(isStoredForm);
    if (kind === 'L') return (content as Value[]).every(isStoredForm);
    if (kind === 'SS' || kind === 'NS' || kind === 'BS') return false;
  }
  return true;
}

/** True if two stored items, or parts of them, have the same content. The order of sets and of attributes means nothing. */
export function sameContent(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Array.isArray(left)) {
    return (
      Array.isArray(right) &&
      left.length === right.length &&
      left.every((each, index) => sameContent(each, right[index]))
    );
  }
  const names = Object.keys(left);
  if (names.length !== Object.keys(right).length) return false;
  return names.every((name) => {
    if (!Object.hasOwn(right, name)) return false;
    const [a, b] = [left, right].map((each) => (each as Record<string, unknown>)[name]);
    return isSet(name, a) ? isSet(name, b) && sameSet(a, b) : sameContent(a, b);
  });
}

/** A list of texts can only be a set: the members of `L` are objects, and an attribute named `SS` holds an object. */
function isSet(name: string, value: unknown): value is string[] {
  return (name === 'SS' || name === 'NS' || name === 'BS') && Array.isArray(value);
}

function sameSet(left: readonly string[], right: readonly string[]): boolean {
  const members = new Set(left);
  return left.length === right.length && right.every((each) => members.has(each));
}

/**
 * The size of an item as DynamoDB counts it.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
export function itemBytes(item: Item | undefined): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(item ?? {}))
    bytes += Buffer.byteLength(name) + valueBytes(value);
  return bytes;
}

function valueBytes(value: Value): number {
  const [kind = '', content] = Object.entries(value)[0] ?? [];
  switch (kind) {
    case 'S':
      return Buffer.byteLength(content as string);
    case 'N':
      return numberBytes(content as string);
    case 'B':
      return Buffer.byteLength(content as string, 'base64');
    case 'SS':
      return sum(content as string[], (each) => Buffer.byteLength(each));
    case 'NS':
      return sum(content as string[], numberBytes);
    case 'BS':
      return sum(content as string[], (each) => Buffer.byteLength(each, 'base64'));
    case 'L':
      return 3 + sum(content as Value[], (each) => 1 + valueBytes(each));
    case 'M':
      return 3 + itemBytes(content as Item) + Object.keys(content as Item).length;
    default:
      return 1;
  }
}

/** About one byte per two significant digits, and one more; another one for a minus. */
function numberBytes(text: string): number {
  const digits = text.replace(/[-.]/g, '').replace(/^0+/, '').replace(/0+$/, '').length;
  return Math.ceil(digits / 2) + 1 + (text.startsWith('-') ? 1 : 0);
}

function sum<T>(values: readonly T[], bytes: (value: T) => number): number {
  return values.reduce((total, value) => total + bytes(value), 0);
}
