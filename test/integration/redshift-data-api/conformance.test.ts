import { afterAll, describe, expect, test } from '@jest/globals';
import { LOCAL_ROLE } from '../../../local/conformance/local-target.ts';
import { loadCases } from '../../../packages/redshift-data-local/conformance/conformance-case.ts';
import { runAll } from '../../../packages/redshift-data-local/conformance/run-all.ts';
import { conformanceTarget } from '../../../packages/redshift-data-local/conformance/target.ts';
import { testStack } from '../setup/stack.ts';

const { redshiftData, s3 } = testStack();
const target = conformanceTarget({
  endpoint: redshiftData.endpoint,
  region: 'us-east-1',
  workgroup: redshiftData.workgroup,
  database: redshiftData.database,
  bucket: s3.bucket,
  prefix: 'conformance',
  role: LOCAL_ROLE,
  s3Endpoint: s3.endpoint,
  credentials: { accessKeyId: s3.accessKeyId, secretAccessKey: s3.secretAccessKey },
});
const results = runAll(await loadCases(), target, 6);
const files = Map.groupBy(results, ([{ file }]) => file);

afterAll(() => target.close());

describe.each([...files.keys()])('%s', (file) => {
  test.each(
    files.get(file)!.map(
      ([
        {
          test: { name },
        },
        failures,
      ]) => ({ name, failures }),
    ),
  )('$name', async ({ failures }) => expect(await failures).toEqual([]));
});
