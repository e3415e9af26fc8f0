import { z } from 'zod';
import { type AttributeValue, type Item, kindOf } from '../item/attribute.ts';
import { compareNumbers, numberText } from '../item/number.ts';

const values = z.union([z.string(), z.array(z.string()).min(1)]);

/** A condition that an item must meet to be copied. */
export const FilterCondition = z
  .strictObject({
    attribute: z.string().min(1).describe('The name of a top-level attribute of the item, not a path.'),
    equals: values
      .optional()
      .describe(
        'The value of the attribute, or a list of alternatives: text, a plain number, true or false.',
      ),
    notEquals: values.optional().describe('The opposite of equals. An item without the attribute meets it.'),
    beginsWith: z.string().min(1).optional().describe('The prefix of the attribute, which must be a string.'),
    atLeast: z
      .string()
      .optional()
      .describe(
        'The least value: a number for numbers, else text, compared by its UTF-8 bytes, so also a date or time in ISO 8601.',
      ),
    below: z.string().optional().describe('The first value that is too large, like atLeast.'),
    exists: z.boolean().optional().describe('Whether the item has the attribute. NULL does not count.'),
  })
  .refine((condition) => Object.keys(condition).length > 1, {
    message: 'at least one of equals, notEquals, beginsWith, atLeast, below and exists',
  });
export type FilterCondition = z.infer<typeof FilterCondition>;

/** What an item has at an attribute: a scalar with its text as its column would hold it, another value, or nothing or NULL. */
export type Found = { readonly kind: 'S' | 'N' | 'BOOL'; readonly text: string } | 'other' | 'absent';

type Test = (found: Found) => boolean;

/** Whether an item meets every condition. */
export class RowFilter {
  readonly #tests: readonly { readonly attribute: string; readonly test: Test }[];

  constructor(where: readonly FilterCondition[]) {
    this.#tests = where.flatMap((condition) =>
      testsOf(condition).map((test) => ({ attribute: condition.attribute, test })),
    );
  }

  /** The attributes that it looks at. */
  get attributes(): string[] {
    return [...new Set(this.#tests.map(({ attribute }) => attribute))];
  }

  /** @param find what the item has at an attribute */
  keeps(find: (attribute: string) => Found): boolean {
    return this.#tests.every(({ attribute, test }) => test(find(attribute)));
  }

  keepsItem(item: Item): boolean {
    return this.keeps((attribute) =>
      Object.hasOwn(item, attribute) ? foundIn(item[attribute] as AttributeValue) : 'absent',
    );
  }
}

function foundIn(value: AttributeValue): Found {
  const kind = kindOf(value);
  if (kind === 'NULL') return 'absent';
  const content: unknown = Object.values(value)[0];
  if (kind === 'BOOL') return { kind, text: String(content) };
  if (kind === 'S') return { kind, text: String(content) };
  return kind === 'N' ? { kind, text: numberText(String(content)).text } : 'other';
}

function testsOf({ equals, notEquals, beginsWith, atLeast, below, exists }: FilterCondition): Test[] {
  const tests: Test[] = [];
  if (equals !== undefined) tests.push(isOneOf(equals));
  if (notEquals !== undefined) {
    const isOne = isOneOf(notEquals);
    tests.push((found) => !isOne(found));
  }
  if (beginsWith !== undefined) {
    tests.push(
      (found) => typeof found === 'object' && found.kind === 'S' && found.text.startsWith(beginsWith),
    );
  }
  if (atLeast !== undefined) tests.push(compared(atLeast, (order) => order >= 0));
  if (below !== undefined) tests.push(compared(below, (order) => order < 0));
  if (exists !== undefined) tests.push((found) => (found !== 'absent') === exists);
  return tests;
}

function isOneOf(values: string | readonly string[]): Test {
  const texts = new Set(typeof values === 'string' ? [values] : values);
  return (found) => typeof found === 'object' && texts.has(found.text);
}

/** Numbers by value, text by its UTF-8. A value of another kind does not meet the condition. */
function compared(bound: string, accepts: (order: number) => boolean): Test {
  const bytes = Buffer.from(bound, 'utf8');
  const isNumber = isDecimal(bound);
  return (found) => {
    if (typeof found !== 'object') return false;
    if (found.kind === 'N') return isNumber && accepts(compareNumbers(found.text, bound));
    return found.kind === 'S' && accepts(Buffer.compare(Buffer.from(found.text, 'utf8'), bytes));
  };
}

export function isDecimal(text: string): boolean {
  try {
    numberText(text);
    return true;
  } catch {
    return false;
  }
}
