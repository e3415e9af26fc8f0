import { testStack } from '../setup/stack.ts';

/** Lets the SDK's default chain find the credentials of the shared stack, as in a worker. */
export function useStackCredentials(): void {
  const { s3, dynamodb } = testStack();
  process.env.AWS_ACCESS_KEY_ID = s3.accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = s3.secretAccessKey;
  process.env.AWS_REGION = dynamodb.region;
}
