import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ConformanceTarget,
  conformanceTarget,
} from '../../packages/redshift-data-local/conformance/target.ts';
import type { StackAddresses } from '../stack/addresses.ts';
import { startStack } from '../stack/start-stack.ts';

/** The local Redshift accepts any well-formed role: its COPY does not ask S3 for it. */
export const LOCAL_ROLE = 'arn:aws:iam::123456789012:role/conformance';

/** Starts a stack for the cases alone. `stop` ends and deletes it. */
export async function startLocalTarget(
  log: (line: string) => void,
): Promise<{ target: ConformanceTarget; stop: () => Promise<void> }> {
  const directory = mkdtempSync(join(tmpdir(), 'redshift-conformance-'));
  const stack = await startStack({ directory, persist: false, log });
  return { target: targetOn(stack.addresses), stop: () => stack.stop() };
}

/** The target of cases that run on a local stack. */
export function targetOn({ redshiftData, s3 }: StackAddresses): ConformanceTarget {
  return conformanceTarget({
    endpoint: redshiftData.endpoint,
    region: 'us-east-1',
    workgroup: redshiftData.workgroup,
    database: redshiftData.database,
    bucket: s3.bucket,
    prefix: 'conformance',
    role: LOCAL_ROLE,
    s3Endpoint: s3.endpoint,
    credentials: { accessKeyId: s3.accessKeyId, secretAccessKey: s3.secretAccessKey },
  });
}
