import type { Refusal } from './services.ts';

/**
 * What becomes of one call: the service's own answer, late, drop by drop, cut or damaged; another answer; or a
 * dead line, before the service saw the call or after it did what was asked.
 */
export type Fault =
  | { readonly kind: 'none' }
  | { readonly kind: 'latency'; readonly milliseconds: number }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** The line is reset; the service never sees the call. */
  | { readonly kind: 'reset' }
  /** The service does what was asked and answers; the line is reset before the answer passes. */
  | { readonly kind: 'answer lost' }
  /** No answer, and the line stays open. */
  | { readonly kind: 'silence' }
  /** The answer breaks off after so many bytes of its body. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** The answer's body is another, with the headers that belonged to the right one. */
  | { readonly kind: 'damaged'; readonly damage: (body: Buffer) => Buffer }
  /** The answer comes in small pieces, over so long a time. */
  | { readonly kind: 'drip'; readonly milliseconds: number };
