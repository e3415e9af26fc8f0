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
import { takeRawResponse } from '../aws/raw-response.ts';
import type { BucketMaintenance, LifecycleRule } from '../bucket-maintenance.ts';
import { Transient } from '../errors.ts';
import type { CallOptions } from '../object-store.ts';
import { s3Cases } from './s3-errors.ts';

/** The maintenance of one S3 bucket. Errors name the bucket and the permission needed. */
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
      const response = await attempt({ doing, action: 's3:ListBucketMultipartUploads', signal }, (send) =>
        client.send(new ListMultipartUploadsCommand({ Bucket, Prefix: prefix, ...from }), send),
      );
      for (const { Key, UploadId, Initiated } of response.Uploads ?? []) {
        if (Key !== undefined && UploadId !== undefined && Initiated !== undefined)
          yield { key: Key, uploadId: UploadId, startedAt: Initiated };
      }
      if (response.IsTruncated !== true) return;
      from = { KeyMarker: response.NextKeyMarker, UploadIdMarker: response.NextUploadIdMarker };
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
      const doing = `get the region of bucket ${bucket}`;
      const response = await attempt({ doing, action: 's3:GetBucketLocation', signal }, (send) =>
        client.send(new GetBucketLocationCommand({ Bucket }), send),
      );
      // S3's first region has no name here, and its first European region has an old name.
      const place = response.LocationConstraint as string | undefined;
      return place === 'EU' ? 'eu-west-1' : place || 'us-east-1';
    },

    async versioning({ signal } = {}) {
      const doing = `get the versioning of bucket ${bucket}`;
      const { Status } = await attempt({ doing, action: 's3:GetBucketVersioning', signal }, (send) =>
        client.send(new GetBucketVersioningCommand({ Bucket }), send),
      );
      return Status === 'Enabled' ? 'on' : 'off';
    },

    async lifecycle({ signal } = {}) {
      const doing = `get the lifecycle rules of bucket ${bucket}`;
      return attempt({ doing, action: 's3:GetLifecycleConfiguration', signal }, async (send) => {
        try {
          const { Rules } = await client.send(new GetBucketLifecycleConfigurationCommand({ Bucket }), send);
          return (Rules ?? []).filter((rule) => rule.Status === 'Enabled').map(ruleOf);
        } catch (error) {
          // A store without lifecycle support deletes nothing by such rules.
          if (['NoSuchLifecycleConfiguration', 'NotImplemented'].includes(nameOf(error))) return [];
          throw error;
        }
      });
    },

    async time({ signal } = {}) {
      const doing = `get the time from s3://${bucket}`;
      return attempt({ doing, action: 's3:ListBucket', signal }, async (send) => {
        const command = new ListObjectsV2Command({ Bucket, MaxKeys: 1 });
        let date: string | undefined;
        takeRawResponse(command, (_, headers) => {
          date = headers.date;
        });
        await client.send(command, send);
        const time = new Date(date ?? '');
        if (Number.isNaN(time.getTime()))
          throw new Transient('DamagedAnswer', `S3's response for bucket ${bucket} has no Date header.`);
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
