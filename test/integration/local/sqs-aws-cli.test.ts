import { describe, expect, test } from '@jest/globals';
import { findAwsCli } from '../redshift-data-api/aws-cli.ts';
import { testStack } from '../setup/stack.ts';

const { endpoint } = testStack().sqs;
const cli = await findAwsCli();
if (typeof cli === 'string') console.warn(`the AWS CLI's tests are skipped: ${cli}`);
const withCli = typeof cli === 'string' ? describe.skip : describe;
const aws = (...words: string[]) =>
  (cli as Exclude<typeof cli, string>)(endpoint, 'sqs', ...words) as Promise<Record<string, unknown>>;

withCli('the stock AWS CLI', () => {
  test('creates a queue, sends to it, receives and deletes', async () => {
    const name = `cli-${process.pid}`;
    const { QueueUrl } = (await aws('create-queue', '--queue-name', name)) as { QueueUrl: string };
    const queue = ['--queue-url', QueueUrl];
    await aws('send-message', ...queue, '--message-body', 'from the CLI, ä 😀');
    const { Messages } = (await aws('receive-message', ...queue, '--wait-time-seconds', '20')) as {
      Messages: { Body: string; ReceiptHandle: string }[];
    };
    expect(Messages.map(({ Body }) => Body)).toEqual(['from the CLI, ä 😀']);
    await aws('delete-message', ...queue, '--receipt-handle', Messages[0]!.ReceiptHandle);
    const counts = 'ApproximateNumberOfMessages ApproximateNumberOfMessagesNotVisible'.split(' ');
    expect(await aws('get-queue-attributes', ...queue, '--attribute-names', ...counts)).toEqual({
      Attributes: { ApproximateNumberOfMessages: '0', ApproximateNumberOfMessagesNotVisible: '0' },
    });
    expect(await aws('list-queues', '--queue-name-prefix', name)).toEqual({ QueueUrls: [QueueUrl] });
    await aws('delete-queue', ...queue);
  });
});
