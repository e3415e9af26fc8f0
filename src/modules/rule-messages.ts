/** What a rule's thread starts with. */
export interface RuleStart {
  readonly code: string;
  /** Its name in stack traces. */
  readonly file: string;
  /** The days or months of the partitions that the rule is asked for. */
  readonly partitions: readonly string[];
}

export type FromRule =
  /** For each of the partitions, in their order, what the rule named. */
  | { readonly kind: 'named'; readonly named: readonly (readonly unknown[])[] }
  | { readonly kind: 'failed' | 'unusable'; readonly message: string };
