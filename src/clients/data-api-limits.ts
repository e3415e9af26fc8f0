import { Terminal } from './errors.ts';

/** What the Redshift Data API allows all callers of one account in one region together. */
export interface DataApiLimits {
  /** Calls a second by operation. */
  readonly callsPerSecond: Readonly<Record<string, number>>;
  /** Statements submitted and not yet ended. */
  readonly activeStatements: number;
}

/**
 * AWS's quotas ("Quotas for the Amazon Redshift Data API",
 * https://docs.aws.amazon.com/redshift/latest/mgmt/amazon-redshift-limits.html). Those of BatchExecuteStatement and
 * CancelStatement are not confirmed. For active statements 200 and 500 are both told: the lower is kept.
 */
export const awsLimits: DataApiLimits = {
  callsPerSecond: {
    ExecuteStatement: 30,
    BatchExecuteStatement: 20,
    DescribeStatement: 100,
    GetStatementResult: 20,
    CancelStatement: 3,
  },
  activeStatements: 200,
};

const CALLS = 'TRIBUTARY_REDSHIFT_DATA_CALLS_PER_SECOND';
const ACTIVE = 'TRIBUTARY_REDSHIFT_DATA_ACTIVE_STATEMENTS';

/**
 * AWS's limits, but for those the environment gives, for an account with other quotas:
 * TRIBUTARY_REDSHIFT_DATA_CALLS_PER_SECOND as `BatchExecuteStatement=40,CancelStatement=6`, and
 * TRIBUTARY_REDSHIFT_DATA_ACTIVE_STATEMENTS as a whole number. An empty value is none.
 * @throws Terminal BadEnvironment saying what was expected.
 */
export function dataApiLimitsFromEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): DataApiLimits {
  return {
    callsPerSecond: { ...awsLimits.callsPerSecond, ...parseCalls(env[CALLS] ?? '') },
    activeStatements: parseActive(env[ACTIVE] ?? ''),
  };
}

function parseCalls(text: string): Record<string, number> {
  const rates = text === '' ? [] : text.split(',').map((part) => part.split('=').map((word) => word.trim()));
  for (const [operation = '', perSecond = '', ...more] of rates) {
    const isRate = Number.isFinite(Number(perSecond)) && Number(perSecond) > 0;
    if (!Object.hasOwn(awsLimits.callsPerSecond, operation) || !isRate || more.length > 0) {
      throw badEnvironment(
        CALLS,
        'calls a second by operation such as BatchExecuteStatement=40,CancelStatement=6, of ' +
          Object.keys(awsLimits.callsPerSecond).join(', '),
      );
    }
  }
  return Object.fromEntries(rates.map(([operation, perSecond]) => [operation, Number(perSecond)]));
}

function parseActive(text: string): number {
  if (text === '') return awsLimits.activeStatements;
  if (!/^[1-9]\d{0,5}$/.test(text.trim())) throw badEnvironment(ACTIVE, 'a whole number such as 500');
  return Number(text);
}

function badEnvironment(name: string, expected: string): Terminal {
  return new Terminal('BadEnvironment', `The environment is not right. ${name}: expected ${expected}.`);
}
