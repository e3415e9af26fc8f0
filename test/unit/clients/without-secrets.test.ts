import { expect, test } from '@jest/globals';
import { withoutSecrets } from '../../../src/clients/without-secrets.ts';

test.each([
  ['postgres://dwh:hunter2@127.0.0.1:5432/dev', 'postgres://dwh:***@127.0.0.1:5432/dev'],
  ['GET /k?X-Amz-Security-Token=FwoGZXIv%2F&x=1', 'GET /k?X-Amz-Security-Token=***&x=1'],
  ['x-amz-security-token:FwoGZXIv\nhost:a', 'x-amz-security-token:***\nhost:a'],
  ['X-Amz-Signature=0123456789abcdef0123', 'X-Amz-Signature=***'],
  ['aws_secret_access_key=wJalrXUtnFEMI/K7MDENG', 'aws_secret_access_key=***'],
  ['{"SecretAccessKey":"wJalrXUt","SessionToken":"Fwo"}', '{"SecretAccessKey":"***","SessionToken":"***"}'],
  ["CREATE USER u PASSWORD 'hunter2'", "CREATE USER u PASSWORD '***'"],
  ['key ASIAIOSFODNN7EXAMPLE is not active', 'key ASIA*** is not active'],
])('%s', (text, masked) => {
  expect(withoutSecrets(text)).toBe(masked);
});

test.each([
  'User arn:aws:iam::123456789012:role/copy is not authorized to perform s3:GetObject',
  'Load into table "prizes" failed. Check \'stl_load_errors\' system table for details.',
  's3://tributary/runs/nobel/data/prizes/00017-00003-ab12.csv.zst',
])('a text without secrets stays unchanged: %s', (text) => {
  expect(withoutSecrets(text)).toBe(text);
});
