/** What a fetching thread starts with. */
export interface FetchStart {
  readonly code: string;
  /** Its name in stack traces. */
  readonly file: string;
  /** The day or month. */
  readonly partition: string;
  readonly timezone: string;
  readonly secrets: Readonly<Record<string, string>>;
}

/** A response as it was received. */
interface Received {
  /** Without its query, which may have secrets in it. */
  readonly url: string;
  readonly status: number;
  readonly body: Uint8Array;
}

export type FromFetch =
  | { readonly kind: 'records'; readonly text: string; readonly responses: readonly Received[] }
  | { readonly kind: 'unavailable' | 'refused' | 'failed' | 'unusable'; readonly message: string };
