/**
 * Replaces `${name}` in every text of a case, and generates what would be too long to write:
 * `{"$repeat": ["x", 5]}` is a text, `{"$times": ["x", 5]}` a list, `{"$join": [part, …]}` parts as one text.
 * @throws if a name is unknown.
 */
export function fillIn(value: unknown, names: ReadonlyMap<string, unknown>): unknown {
  if (typeof value === 'string') {
    return value.replace(/\$\{([\w.]+)\}/g, (_whole, name: string) => String(lookUp(name, names)));
  }
  if (Array.isArray(value)) return value.map((element) => fillIn(element, names));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [key, argument] = entries[0] ?? [];
  if (entries.length === 1 && Array.isArray(argument)) {
    if (key === '$repeat') return (fillIn(argument[0], names) as string).repeat(argument[1] as number);
    if (key === '$times')
      return Array.from({ length: argument[1] as number }, () => fillIn(argument[0], names));
    if (key === '$join') return argument.map((part) => fillIn(part, names)).join('');
  }
  return Object.fromEntries(entries.map(([name, member]) => [name, fillIn(member, names)]));
}

function lookUp(path: string, names: ReadonlyMap<string, unknown>): unknown {
  const [first, ...rest] = path.split('.');
  let value = names.get(first!);
  for (const member of rest) value = (value as Record<string, unknown> | undefined)?.[member];
  if (value === undefined) throw new Error(`the case uses \${${path}}, which has no value`);
  return value;
}
