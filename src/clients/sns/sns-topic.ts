import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { clientSettings, type ServiceAddress } from '../aws/aws-client.ts';
import { awsError } from '../aws/aws-errors.ts';
import { limitAttempts } from '../aws/call-deadline.ts';
import type { Topic } from '../topic.ts';

const ATTEMPT_SECONDS = 30;

/** The SNS topic with this ARN, in the region that the ARN names. */
export function createSnsTopic(arn: string, { endpoint }: ServiceAddress = {}): Topic {
  const region = arn.split(':')[3];
  return {
    async publish({ subject, message, attributes, fifo }, { signal } = {}) {
      // Alerts are rare: a client would only keep connections open.
      const client = limitAttempts(new SNSClient(clientSettings({ endpoint, region })), ATTEMPT_SECONDS);
      const command = new PublishCommand({
        TopicArn: arn,
        Subject: subject,
        Message: message,
        MessageAttributes: Object.fromEntries(
          Object.entries(attributes).map(([name, value]) => [
            name,
            { DataType: 'String', StringValue: value },
          ]),
        ),
        ...(fifo && { MessageGroupId: fifo.group, MessageDeduplicationId: fifo.deduplicationId }),
      });
      try {
        await client.send(command, signal === undefined ? {} : { abortSignal: signal });
      } catch (error) {
        throw awsError(error, {
          doing: `publish to the topic ${arn}`,
          action: 'sns:Publish',
          signal,
          cases: [
            {
              names: ['NotFoundException', 'NotFound'],
              code: 'Refused',
              advice: 'There is no such topic. Check topicArn in the block alerts of the configuration.',
            },
          ],
        });
      } finally {
        client.destroy();
      }
    },
  };
}
