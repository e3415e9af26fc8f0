/**
 * Compares an answer with what a case expects: object members that are not mentioned may have any value, and lists
 * must have the same length. A matcher in place of a value is an object with one member that begins with `$`:
 * `{"$matches": regex}`, `{"$type": "number"}`, `{"$absent": true}`, `{"$atLeast": n}`, `{"$atMost": n}`,
 * `{"$length": n}`, `{"$contains": text or element}`, `{"$near": n}` (within a millionth), `{"$oneOf": [...]}`.
 * @returns the differences with their places; none if it matches.
 */
export function differences(actual: unknown, expected: unknown, place = ''): string[] {
  const here = place === '' ? 'the answer' : place;
  const says = (what: string) => [`${here} ${what}, it is ${shown(actual)}`];
  const matcher = matcherOf(expected);
  if (matcher !== undefined) {
    const [name, argument] = matcher;
    const check = checks[name];
    if (check === undefined) return [`${here}: there is no matcher ${name}`];
    return check(actual, argument) ? [] : says(`should be ${name.slice(1)} ${JSON.stringify(argument)}`);
  }
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual)) return says('should be a list');
    if (actual.length !== expected.length) return says(`should have ${expected.length} elements`);
    return expected.flatMap((element, index) => differences(actual[index], element, `${place}[${index}]`));
  }
  if (typeof expected === 'object' && expected !== null) {
    if (typeof actual !== 'object' || actual === null) return says('should be an object');
    return Object.entries(expected).flatMap(([key, value]) =>
      differences((actual as Record<string, unknown>)[key], value, place === '' ? key : `${place}.${key}`),
    );
  }
  return Object.is(actual, expected) ? [] : says(`should be ${JSON.stringify(expected)}`);
}

function matcherOf(expected: unknown): [string, unknown] | undefined {
  if (typeof expected !== 'object' || expected === null || Array.isArray(expected)) return undefined;
  const entries = Object.entries(expected);
  return entries.length === 1 && entries[0]![0].startsWith('$') ? entries[0] : undefined;
}

const checks: Record<string, (actual: unknown, argument: unknown) => boolean> = {
  $matches: (actual, regex) => typeof actual === 'string' && new RegExp(regex as string, 's').test(actual),
  $type: (actual, type) => (actual instanceof Date ? 'date' : typeof actual) === type,
  $absent: (actual, absent) => (actual === undefined) === absent,
  $atLeast: (actual, least) => typeof actual === 'number' && actual >= (least as number),
  $atMost: (actual, most) => typeof actual === 'number' && actual <= (most as number),
  $length: (actual, length) => (actual as { length?: number } | undefined)?.length === length,
  $near: (actual, wanted) =>
    Math.abs(Number(actual) - (wanted as number)) <= Math.max(1e-9, Math.abs(wanted as number) / 1e6),
  $oneOf: (actual, choices) =>
    (choices as unknown[]).some((choice) => differences(actual, choice).length === 0),
  $contains: (actual, part) =>
    typeof actual === 'string'
      ? actual.includes(part as string)
      : Array.isArray(actual) && actual.some((element) => differences(element, part).length === 0),
};

function shown(value: unknown): string {
  const text = JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'bigint' ? `${member}` : member,
  );
  return text === undefined ? 'not there' : text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
