import { Terminal } from '../errors.ts';

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
/** Less would be a call in minutes, more is no quota of AWS's: a slip either way. */
const LEAST_PER_SECOND = 0.1;
const MOST_PER_SECOND = 10_000;
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
  const rates = new Map<string, number>();
  for (const part of text === '' ? [] : text.split(',')) {
    const [operation = '', perSecond = '', ...more] = part.split('=').map((word) => word.trim());
    const wrong = (why: string) =>
      badEnvironment(
        CALLS,
        'calls a second by operation such as BatchExecuteStatement=40,CancelStatement=6, of ' +
          `${Object.keys(awsLimits.callsPerSecond).join(', ')}; ${JSON.stringify(part.trim())} ${why}`,
      );
    if (!Object.hasOwn(awsLimits.callsPerSecond, operation)) throw wrong('names none of these');
    if (more.length > 0 || !/^\d+(?:\.\d+)?$/.test(perSecond)) throw wrong('gives no number');
    if (Number(perSecond) < LEAST_PER_SECOND || Number(perSecond) > MOST_PER_SECOND) {
      throw wrong(`is not from ${LEAST_PER_SECOND} to ${MOST_PER_SECOND}`);
    }
    if (rates.has(operation)) throw wrong('names its operation a second time');
    rates.set(operation, Number(perSecond));
  }
  return Object.fromEntries(rates);
}

function parseActive(text: string): number {
  if (text === '') return awsLimits.activeStatements;
  if (!/^[1-9]\d{0,5}$/.test(text.trim())) throw badEnvironment(ACTIVE, 'a whole number such as 500');
  return Number(text);
}

function badEnvironment(name: string, expected: string): Terminal {
  return new Terminal('BadEnvironment', `The environment is not right. ${name}: expected ${expected}.`);
}
