import { Terminal } from '../errors.ts';

/** The Redshift Data API's limits for all callers of one account in one region together. */
export interface DataApiLimits {
  /** Calls per second, by operation. */
  readonly callsPerSecond: Readonly<Record<string, number>>;
  /** Statements that are submitted and have not ended. */
  readonly activeStatements: number;
}

/**
 * AWS's quotas ("Quotas for the Amazon Redshift Data API",
 * https://docs.aws.amazon.com/redshift/latest/mgmt/amazon-redshift-limits.html). Those of BatchExecuteStatement and
 * CancelStatement are not confirmed. For active statements, AWS documents both 200 and 500; this is the lower one.
 */
export const AWS_LIMITS: DataApiLimits = {
  callsPerSecond: {
    ExecuteStatement: 30,
    BatchExecuteStatement: 20,
    DescribeStatement: 100,
    GetStatementResult: 20,
    ListStatements: 3,
    CancelStatement: 3,
  },
  activeStatements: 200,
};

const CALLS = 'TRIBUTARY_REDSHIFT_DATA_CALLS_PER_SECOND';
/** Values outside this range are typos: below, calls would take minutes; above, AWS has no such quota. */
const MIN_PER_SECOND = 0.1;
const MAX_PER_SECOND = 10_000;
const ACTIVE = 'TRIBUTARY_REDSHIFT_DATA_ACTIVE_STATEMENTS';

/**
 * AWS's limits, with those that the environment overrides for an account with other quotas:
 * TRIBUTARY_REDSHIFT_DATA_CALLS_PER_SECOND, e.g. `BatchExecuteStatement=40,CancelStatement=6`, and
 * TRIBUTARY_REDSHIFT_DATA_ACTIVE_STATEMENTS, a whole number. An empty value counts as absent.
 * @throws Terminal `BadEnvironment`, which says what was expected.
 */
export function dataApiLimitsFromEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): DataApiLimits {
  return {
    callsPerSecond: { ...AWS_LIMITS.callsPerSecond, ...parseCalls(env[CALLS] ?? '') },
    activeStatements: parseActive(env[ACTIVE] ?? ''),
  };
}

function parseCalls(text: string): Record<string, number> {
  const rates = new Map<string, number>();
  for (const part of text === '' ? [] : text.split(',')) {
    const [operation = '', perSecond = '', ...more] = part.split('=').map((word) => word.trim());
    const invalid = (why: string) =>
      badEnvironment(
        CALLS,
        'calls per second by operation, such as BatchExecuteStatement=40,CancelStatement=6, with the operations ' +
          `${Object.keys(AWS_LIMITS.callsPerSecond).join(', ')}; ${JSON.stringify(part.trim())} ${why}`,
      );
    if (!Object.hasOwn(AWS_LIMITS.callsPerSecond, operation)) throw invalid('is not one of these');
    if (more.length > 0 || !/^\d+(?:\.\d+)?$/.test(perSecond)) throw invalid('has no number');
    if (Number(perSecond) < MIN_PER_SECOND || Number(perSecond) > MAX_PER_SECOND) {
      throw invalid(`is not between ${MIN_PER_SECOND} and ${MAX_PER_SECOND}`);
    }
    if (rates.has(operation)) throw invalid('repeats its operation');
    rates.set(operation, Number(perSecond));
  }
  return Object.fromEntries(rates);
}

function parseActive(text: string): number {
  if (text === '') return AWS_LIMITS.activeStatements;
  if (!/^[1-9]\d{0,5}$/.test(text.trim())) throw badEnvironment(ACTIVE, 'a whole number such as 500');
  return Number(text);
}

function badEnvironment(name: string, expected: string): Terminal {
  return new Terminal('BadEnvironment', `The environment is not valid. ${name}: expected ${expected}.`);
}
