import { relative } from 'node:path';
import pc from 'picocolors';
import type { StackAddresses } from '../../../local/stack/addresses.ts';
import type { PartStatus } from '../../../local/stack/local-state.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { padded, textWidth } from '../terminal/text-table.ts';

/** What `tributary local status --json` prints. */
export interface LocalStatus {
  state: 'running' | 'starting' | 'stopped';
  /** The directory that holds the stack's state. */
  directory: string;
  /** The process that runs the stack. */
  pid: number | null;
  parts: PartStatus[];
  addresses: StackAddresses | null;
}

/**
 * Describes a running stack: its addresses, and how to use the standard tools with it.
 * @param temporalProgram how to start the `temporal` CLI from a shell; the stack's own may not be on PATH
 */
export function describeStack(addresses: StackAddresses, temporalProgram = 'temporal'): string {
  const { temporal, dynamodb, s3, sqs, glue, redshiftData, postgres } = addresses;
  const row = (name: string, address: string, more = '') =>
    `  ${name.padEnd(18)} ${pc.cyan(address)}  ${pc.dim(more)}`;
  return [
    '',
    row('Temporal Web UI', temporal.ui),
    row('Temporal', temporal.address, `namespace ${temporal.namespace}`),
    row('DynamoDB', dynamodb.endpoint),
    row('S3', s3.endpoint, `bucket ${s3.bucket}`),
    row('SQS', sqs.endpoint),
    row('Glue', glue.endpoint),
    row(
      'Redshift Data API',
      redshiftData.endpoint,
      `workgroup ${redshiftData.workgroup}, database ${redshiftData.database}`,
    ),
    row('PostgreSQL', new URL(postgres.url).host, 'behind the local Redshift'),
    '',
    pc.bold('Use your tools with it:'),
    `  export AWS_REGION=${dynamodb.region} AWS_DEFAULT_REGION=${dynamodb.region}`,
    `  export AWS_ACCESS_KEY_ID=${s3.accessKeyId} AWS_SECRET_ACCESS_KEY=${s3.secretAccessKey}`,
    `  aws dynamodb list-tables --endpoint-url ${dynamodb.endpoint}`,
    `  aws s3 ls s3://${s3.bucket} --recursive --endpoint-url ${s3.endpoint}`,
    `  aws sqs list-queues --endpoint-url ${sqs.endpoint}`,
    `  aws glue get-databases --endpoint-url ${glue.endpoint}`,
    `  aws redshift-data list-statements --endpoint-url ${redshiftData.endpoint}`,
    `  psql ${postgres.url}   # to look around; create users and views through the Data API`,
    `  ${temporalProgram} workflow list --address ${temporal.address}`,
    '',
  ]
    .join('\n')
    .replace(/ +$/gm, '');
}

/** The state of a project's stack, one line per part. */
export function describeStatus(status: LocalStatus): string {
  const lines = [headline(status)];
  const colours = { running: pc.green, external: pc.green, ended: pc.red };
  const addressWidth = Math.max(0, ...status.parts.map((part) => textWidth(part.address)));
  for (const part of status.parts) {
    const about = [
      padded(part.address, addressWidth),
      part.pid && `process ${part.pid}`,
      part.log && `log ${relative(process.cwd(), part.log)}`,
    ];
    const state = colours[part.state](part.state.padEnd(8));
    lines.push(`  ${part.name.padEnd(9)} ${state}  ${about.filter(Boolean).join('  ')}`);
  }
  if (status.addresses) lines.push(`  Web UI: ${pc.cyan(status.addresses.temporal.ui)}`);
  return lines.join('\n');
}

function headline({ state, directory, pid, parts }: LocalStatus): string {
  if (state === 'running') return `The stack in ${directory} is running (process ${pid}).`;
  if (state === 'starting') return `The stack in ${directory} is starting (process ${pid}).`;
  const killed = parts.length > 0 ? ` It was killed. Clean up: ${TRIBUTARY} local stop` : '';
  return `No stack is running in ${directory.replace(/\/\.tributary$/, '')}.${killed}`;
}
