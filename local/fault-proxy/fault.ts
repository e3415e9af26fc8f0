import type { Refusal } from './services.ts';

/**
 * What happens to one call: the service's answer arrives late, slowly, truncated or damaged; or another answer arrives;
 * or the connection breaks, before or after the service has handled the call.
 */
export type Fault =
  | { readonly kind: 'none' }
  | { readonly kind: 'latency'; readonly milliseconds: number }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** The connection is reset. The service never sees the call. */
  | { readonly kind: 'reset' }
  /** The service handles the call and answers. The connection is reset before the answer arrives. */
  | { readonly kind: 'answer lost' }
  /** There is no answer, and the connection stays open. */
  | { readonly kind: 'silence' }
  /** The connection closes after this many bytes of the answer's body. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** The answer's body is changed. Its headers are those of the original body. */
  | { readonly kind: 'damaged'; readonly damage: (body: Buffer) => Buffer }
  /** The answer arrives in small pieces, spread over this time. */
  | { readonly kind: 'drip'; readonly milliseconds: number };
