/** Run once by docker-compose.yml, before anything writes to S3. */
import { makeBucket } from '../stack/servers/make-bucket.ts';

const { TRIBUTARY_S3_ENDPOINT, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = process.env;
if (!TRIBUTARY_S3_ENDPOINT || !AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) {
  throw new Error('TRIBUTARY_S3_ENDPOINT, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must be set');
}
await makeBucket({
  endpoint: TRIBUTARY_S3_ENDPOINT,
  bucket: 'tributary',
  accessKeyId: AWS_ACCESS_KEY_ID,
  secretAccessKey: AWS_SECRET_ACCESS_KEY,
});
