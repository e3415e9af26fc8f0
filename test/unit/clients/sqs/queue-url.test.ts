import { expect, test } from '@jest/globals';
import { originOfQueue, regionOfQueue } from '../../../../src/clients/sqs/queue-url.ts';

test.each([
  ['https://sqs.eu-west-1.amazonaws.com/123456789012/orders', 'eu-west-1'],
  ['https://sqs-fips.us-gov-west-1.amazonaws.com/123456789012/orders', 'us-gov-west-1'],
  ['https://sqs.cn-north-1.amazonaws.com.cn/123456789012/orders', 'cn-north-1'],
  ['https://sqs.eu-west-1.api.aws/123456789012/orders', 'eu-west-1'],
  ['https://vpce-0a1b-cdef.sqs.us-east-2.vpce.amazonaws.com/123456789012/orders', 'us-east-2'],
  ['https://eu-central-1.queue.amazonaws.com/123456789012/orders', 'eu-central-1'],
  ['https://queue.amazonaws.com/123456789012/orders', 'us-east-1'],
  ['http://127.0.0.1:9324/000000000000/orders', undefined],
  ['https://proxy.example.com/sqs.eu-west-1.amazonaws.com/orders', undefined],
  ['orders', undefined],
])('the region of %s', (url, region) => {
  expect(regionOfQueue(url)).toBe(region);
});

test('a queue is called at the host of its URL', () => {
  expect(originOfQueue('http://127.0.0.1:9324/000000000000/orders')).toBe('http://127.0.0.1:9324');
  expect(originOfQueue('orders')).toBeUndefined();
});
