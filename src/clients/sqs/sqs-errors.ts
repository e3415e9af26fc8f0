import { deniedAction, type ErrorCase } from '../aws/aws-error-cases.ts';

/**
 * What SQS's errors mean for a queue. In SQS's JSON protocol an error has the name of its shape; the SDK may keep the
 * older name with the prefix.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html
 */
export function sqsCases(url: string): readonly ErrorCase[] {
  return [
    {
      names: ['QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue', 'InvalidAddress'],
      code: 'QueueNotFound',
      advice: `There is no queue ${url}. Create it, or correct the region, the account or the name in its URL.`,
    },
    {
      names: ['QueueDeletedRecently', 'AWS.SimpleQueueService.QueueDeletedRecently'],
      code: 'Throttled',
      advice: 'A queue of this name was deleted less than a minute ago. This is retried.',
    },
    {
      names: ['OverLimit'],
      code: 'Throttled',
      advice:
        'The queue has as many messages in flight as SQS allows, about 120,000. This is retried. If it continues, look for another receiver of the queue that does not delete what it receives.',
    },
    {
      names: [],
      words: /^Invalid MD5 checksum on messages/,
      code: 'DamagedAnswer',
      advice: 'The messages changed in transit. This is retried.',
    },
    {
      names: ['AccessDenied', 'AccessDeniedException', 'Forbidden'],
      code: 'AccessDenied',
      advice: (attempt, message) =>
        `Allow ${deniedAction(attempt, message)} on the queue ${url} for the worker’s identity, in its policy and, if the queue belongs to another account, in the queue’s policy. Check the queue’s KMS key as well.`,
    },
  ];
}
