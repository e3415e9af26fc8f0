/**
 * An attribute value as DynamoDB's JSON protocol writes it: exactly one member names the kind. Numbers are
 * decimal text and binary is base64 text, so JSON.parse loses nothing.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html
 */
export type AttributeValue =
  | { readonly S: string }
  | { readonly N: string }
  | { readonly B: string }
  | { readonly BOOL: boolean }
  | { readonly NULL: true }
  | { readonly M: Readonly<Record<string, AttributeValue>> }
  | { readonly L: readonly AttributeValue[] }
  | { readonly SS: readonly string[] }
  | { readonly NS: readonly string[] }
  | { readonly BS: readonly string[] };

/** One item: attribute name → value. */
export type Item = Readonly<Record<string, AttributeValue>>;

const KINDS = ['S', 'N', 'B', 'BOOL', 'NULL', 'M', 'L', 'SS', 'NS', 'BS'] as const;
export type Kind = (typeof KINDS)[number];

const known: ReadonlySet<string> = new Set(KINDS);

/**
 * The kind of an attribute value.
 * @throws Error unless the value has exactly one known kind, as when a page was truncated or altered in transit.
 */
export function kindOf(value: AttributeValue): Kind {
  const names = Object.keys(value ?? {});
  const [name] = names;
  if (names.length !== 1 || name === undefined || !known.has(name)) {
    throw new Error(
      `not a DynamoDB attribute value: expected one of ${KINDS.join(', ')}, found {${names.join(', ')}}`,
    );
  }
  return name as Kind;
}
