import { testStack } from '../setup/stack.ts';

/** Lets the SDK's default chain find the shared stack's credentials, as a worker's does. */
export function useStackCredentials(): void {
  const { s3, dynamodb } = testStack();
  process.env.AWS_ACCESS_KEY_ID = s3.accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = s3.secretAccessKey;
  process.env.AWS_REGION = dynamodb.region;
}
