import type { ServiceAddress } from '../aws/aws-client.ts';
import type { Topic } from '../topic.ts';

/** The same topic, but the AWS client is loaded when something is published: few workers do. */
export const lateTopic = (arn: string, address: ServiceAddress): Topic => ({
  async publish(notification, options) {
    const { createSnsTopic } = await import('./sns-topic.ts');
    await createSnsTopic(arn, address).publish(notification, options);
  },
});
