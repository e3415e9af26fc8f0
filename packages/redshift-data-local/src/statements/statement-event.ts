import { randomUUID } from 'node:crypto';
import type { Statement } from './statement.ts';

const ACCOUNT = '123456789012';
const REGION = 'us-east-1';

/**
 * The event that EventBridge receives when a statement submitted WithEvent has ended (AWS: "Monitoring events for the
 * Amazon Redshift Data API in Amazon EventBridge"). Account, region and principal are invented.
 */
export function statementEvent(statement: Statement, resultSeconds: number): object {
  const { request } = statement;
  const resource =
    request.workgroupName === undefined
      ? `arn:aws:redshift:${REGION}:${ACCOUNT}:cluster:${request.clusterIdentifier}`
      : `arn:aws:redshift-serverless:${REGION}:${ACCOUNT}:workgroup/${request.workgroupName}`;
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Redshift Data Statement Status Change',
    source: 'aws.redshift-data',
    account: ACCOUNT,
    time: new Date(statement.updatedAt * 1000).toISOString().replace(/\.\d+Z$/, 'Z'),
    region: REGION,
    resources: [resource],
    detail: {
      principal: `arn:aws:iam::${ACCOUNT}:user/local`,
      ...(request.statementName === undefined ? {} : { statementName: request.statementName }),
      statementId: statement.id,
      redshiftQueryId: statement.isBatch ? -1 : statement.parts[0]!.queryId,
      state: statement.status,
      rows: statement.isBatch ? -1 : statement.parts[0]!.resultRows,
      expireAt: Math.floor(statement.createdAt + resultSeconds),
    },
  };
}
