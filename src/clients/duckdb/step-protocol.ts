import type { FailedCheck } from '../../pipeline/datasets/derived/step-checks.ts';
import type { FailureCode } from '../../pipeline/failure/failure-codes.ts';
import type {
  BatchFile,
  CheckRequest,
  Content,
  ContentRequest,
  DerivedFile,
  DeriveRequest,
  MergedPartition,
  MergePartition,
  ParseRequest,
  PartitionQuery,
  PartitionsRead,
  QueryRows,
  TableQuery,
  TextRequest,
  WriteRows,
  WrittenText,
} from '../table-engine.ts';

/** What the two sides of a step's process say to each other. The parent sends one order after the other. */

export interface StepLimits {
  /** DuckDB's own limit. The process needs up to a few hundred megabytes more. */
  readonly memoryBytes: number;
  readonly threads: number;
  /** What DuckDB may write to the temporary directory. */
  readonly temporaryBytes: number;
}

export type StepOrder = { readonly limits: StepLimits } & (
  | { readonly kind: 'writeRows'; readonly request: WriteRows }
  | { readonly kind: 'mergePartition'; readonly request: MergePartition }
  | { readonly kind: 'contentOf'; readonly request: ContentRequest }
  | { readonly kind: 'query'; readonly request: TableQuery }
  | { readonly kind: 'parseTree'; readonly request: ParseRequest }
  | { readonly kind: 'derive'; readonly request: DeriveRequest }
  | { readonly kind: 'writeText'; readonly request: TextRequest }
  | { readonly kind: 'check'; readonly request: CheckRequest }
  | { readonly kind: 'partitionsRead'; readonly request: PartitionQuery }
);

/** The next rows of a query may be sent: the parent has taken the earlier ones. */
export interface SendMore {
  readonly kind: 'more';
}

export type StepAnswer =
  | { readonly kind: 'rows'; readonly rows: QueryRows }
  | {
      readonly kind: 'done';
      readonly result: StepResult;
      /** The process takes another order: it holds little memory. */
      readonly takesMore: boolean;
    }
  | { readonly kind: 'failed'; readonly code: FailureCode; readonly message: string };

export type StepResult =
  | readonly BatchFile[]
  | MergedPartition
  | Content
  | DerivedFile
  | readonly FailedCheck[]
  | PartitionsRead
  | WrittenText
  | string
  | undefined;
