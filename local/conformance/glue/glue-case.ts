/** One call. Texts may contain `${database}`, and `${name.Member}` of an earlier answer. */
export interface GlueCall {
  readonly operation: string;
  readonly input: object;
  /** The name by which later texts refer to the answer. */
  readonly as?: string;
  /** The answer, in part, with the matchers of `match.ts`. */
  readonly expect?: unknown;
  /** The expected error: its name, and part of its message. */
  readonly error?: { readonly name: string; readonly message?: string };
}

/** Something that Glue does, as data: the same cases run against the local Glue, moto and AWS. */
export interface GlueCase {
  readonly name: string;
  /** AWS's page that states it, or `undocumented: <our reading>`. */
  readonly source: string;
  /** Made one by one in a new database; the case fails with the first that has another outcome. */
  readonly calls: readonly GlueCall[];
  /** What moto does instead: the case must fail there. */
  readonly moto?: string;
}
