import {
  AbortMultipartUploadCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketLocationCommand,
  GetBucketVersioningCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  type LifecycleRule as Rule,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { Attempt } from '../aws/aws-error-cases.ts';
import { awsError, nameOf } from '../aws/aws-errors.ts';
import { takeRawAnswer } from '../aws/raw-answer.ts';
import type { BucketMaintenance, LifecycleRule } from '../bucket-maintenance.ts';
import { Transient } from '../errors.ts';
import type { CallOptions } from '../object-store.ts';
import { s3Cases } from './s3-errors.ts';

/** One S3 bucket, looked after. Errors carry the bucket and the action that has to be allowed. */
export function createS3BucketMaintenance(options: {
  readonly client: S3Client;
  readonly bucket: string;
}): BucketMaintenance {
  const { client, bucket } = options;
  const Bucket = bucket;

  async function attempt<T>(what: Omit<Attempt, 'cases'>, call: (send: object) => Promise<T>): Promise<T> {
    try {
      return await call(what.signal === undefined ? {} : { abortSignal: what.signal });
    } catch (error) {
      throw awsError(error, { ...what, cases: s3Cases(error, bucket) });
    }
  }

  async function* uploads(prefix: string, { signal }: CallOptions = {}) {
    const doing = `list the unfinished uploads of s3://${bucket}/${prefix}`;
    let from: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } = {};
    for (;;) {
      const answer = await attempt({ doing, action: 's3:ListBucketMultipartUploads', signal }, (send) =>
        client.send(new ListMultipartUploadsCommand({ Bucket, Prefix: prefix, ...from }), send),
      );
      for (const { Key, UploadId, Initiated } of answer.Uploads ?? []) {
        if (Key !== undefined && UploadId !== undefined && Initiated !== undefined)
          yield { key: Key, uploadId: UploadId, startedAt: Initiated };
      }
      if (answer.IsTruncated !== true) return;
      from = { KeyMarker: answer.NextKeyMarker, UploadIdMarker: answer.NextUploadIdMarker };
    }
  }

  return {
    bucket,
    uploads,

    async abort({ key, uploadId }, { signal } = {}) {
      const doing = `abort an upload of s3://${bucket}/${key}`;
      await attempt({ doing, action: 's3:AbortMultipartUpload', signal }, async (send) => {
        try {
          await client.send(new AbortMultipartUploadCommand({ Bucket, Key: key, UploadId: uploadId }), send);
        } catch (error) {
          // Completed or aborted meanwhile.
          if (nameOf(error) !== 'NoSuchUpload') throw error;
        }
      });
    },

    async region({ signal } = {}) {
      const doing = `ask for the region of bucket ${bucket}`;
      const answer = await attempt({ doing, action: 's3:GetBucketLocation', signal }, (send) =>
        client.send(new GetBucketLocationCommand({ Bucket }), send),
      );
      // S3's first region has no name here, and its first European one an old name.
      const place = answer.LocationConstraint as string | undefined;
      return place === 'EU' ? 'eu-west-1' : place || 'us-east-1';
    },

    async versioning({ signal } = {}) {
      const doing = `ask for the versioning of bucket ${bucket}`;
      const { Status } = await attempt({ doing, action: 's3:GetBucketVersioning', signal }, (send) =>
        client.send(new GetBucketVersioningCommand({ Bucket }), send),
      );
      return Status === 'Enabled' ? 'on' : 'off';
    },

    async lifecycle({ signal } = {}) {
      const doing = `ask for the lifecycle of bucket ${bucket}`;
      return attempt({ doing, action: 's3:GetLifecycleConfiguration', signal }, async (send) => {
        try {
          const { Rules } = await client.send(new GetBucketLifecycleConfigurationCommand({ Bucket }), send);
          return (Rules ?? []).filter((rule) => rule.Status === 'Enabled').map(ruleOf);
        } catch (error) {
          // A store that knows no lifecycles deletes nothing by them.
          if (['NoSuchLifecycleConfiguration', 'NotImplemented'].includes(nameOf(error))) return [];
          throw error;
        }
      });
    },

    async time({ signal } = {}) {
      const doing = `ask s3://${bucket} for the time`;
      return attempt({ doing, action: 's3:ListBucket', signal }, async (send) => {
        const command = new ListObjectsV2Command({ Bucket, MaxKeys: 1 });
        let date: string | undefined;
        takeRawAnswer(command, (_, headers) => {
          date = headers.date;
        });
        await client.send(command, send);
        const time = new Date(date ?? '');
        if (Number.isNaN(time.getTime()))
          throw new Transient('DamagedAnswer', `S3 told no time for ${bucket}.`);
        return time;
      });
    },
  };
}

function ruleOf(rule: Rule): LifecycleRule {
  const { ID, Prefix, Filter, Expiration, AbortIncompleteMultipartUpload, NoncurrentVersionExpiration } =
    rule;
  const days = <Name extends string>(name: Name, value: number | undefined) =>
    (value === undefined ? {} : { [name]: value }) as { [key in Name]?: number };
  return {
    id: ID ?? 'without a name',
    prefix: Filter?.Prefix ?? Filter?.And?.Prefix ?? Prefix ?? '',
    ...days('expiresAfterDays', Expiration?.Days),
    ...days('abortsUploadsAfterDays', AbortIncompleteMultipartUpload?.DaysAfterInitiation),
    ...days('noncurrentAfterDays', NoncurrentVersionExpiration?.NoncurrentDays),
  };
}
