import type { ErrorCase } from '../aws/aws-error-cases.ts';

/**
 * Why DynamoDB throttles reads of a table, and what helps.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/throttling-diagnosing.html
 */
const THROTTLING_ADVICE: Readonly<Record<string, string>> = {
  TableReadProvisionedThroughputExceeded:
    'The table’s provisioned read capacity is used up: raise it, or set readUnitsPerSecond below it.',
  TableReadMaxOnDemandThroughputExceeded:
    'The table’s own maximum of on-demand reads is reached: raise it, or set readUnitsPerSecond below it.',
  TableReadAccountLimitExceeded:
    'The account’s quota of reads per table is reached: ask AWS to raise it, or set readUnitsPerSecond below it.',
  TableReadKeyRangeThroughputExceeded:
    'One partition of the table is read faster than DynamoDB allows; other readers of the same keys count as well.',
};

/** What DynamoDB's errors mean for a table. */
export function tableCases(error: unknown, table: string, region: string): readonly ErrorCase[] {
  const why = throttlingReasons(error).flatMap((reason) => THROTTLING_ADVICE[reason] ?? []);
  return [
    {
      names: ['ResourceNotFoundException', 'TableNotFoundException'],
      code: 'TableNotFound',
      advice: `This account has no table ${table} in ${region}. Check the name in the pipeline’s source, AWS_REGION, and the account of the worker’s credentials.`,
    },
    ...(why.length === 0
      ? []
      : [
          {
            names: ['ProvisionedThroughputExceededException', 'RequestLimitExceeded', 'ThrottlingException'],
            code: 'Throttled',
            advice: `${why.join(' ')} This is retried.`,
          } as const,
        ]),
  ];
}

/**
 * What the errors of DynamoDB Streams mean for a shard.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetRecords.html#API_streams_GetRecords_Errors
 */
export function streamCases(shard: string, stream: string): readonly ErrorCase[] {
  return [
    {
      names: ['TrimmedDataAccessException', 'ResourceNotFoundException'],
      code: 'ChangesTrimmed',
      advice: `Records of the shard ${shard} are no longer kept: a stream keeps them for 24 hours. What they changed is not known, so only a refresh brings the copy up to date. If the stream ${stream} was disabled, enable a new one first.`,
    },
  ];
}

/** `TableReadAccountLimitExceeded` and the like; empty if DynamoDB gives no reason. */
function throttlingReasons(error: unknown): string[] {
  const { ThrottlingReasons, throttlingReasons: reasons = ThrottlingReasons } = error as Partial<
    Record<'ThrottlingReasons' | 'throttlingReasons', readonly { readonly reason?: string }[]>
  >;
  return [...new Set(reasons?.flatMap(({ reason }) => reason ?? []))];
}

/**
 * What the errors of exports mean. @param of the ARN of a table or an export
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ExportTableToPointInTime.html#API_ExportTableToPointInTime_Errors
 */
export function exportCases(of: string): readonly ErrorCase[] {
  return [
    {
      names: ['PointInTimeRecoveryUnavailableException'],
      code: 'RecoveryDisabled',
      advice: `Enable point-in-time recovery for ${of}: DynamoDB exports nothing without it.`,
    },
    {
      names: ['TableNotFoundException', 'ResourceNotFoundException'],
      code: 'TableNotFound',
      advice: `Check the name in the pipeline’s source, AWS_REGION, and the account of the worker’s credentials.`,
    },
    {
      names: ['ExportNotFoundException'],
      code: 'ExportNotFound',
      advice: `DynamoDB no longer lists the export ${of}. Start a new run.`,
    },
    {
      names: ['InvalidExportTimeException'],
      code: 'ExportAwaited',
      advice: 'DynamoDB cannot export that time now. This is retried.',
    },
    {
      names: ['ExportConflictException'],
      code: 'ExportFailed',
      advice: 'Another request has the same token. Start a new run.',
    },
  ];
}
