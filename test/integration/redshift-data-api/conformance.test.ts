import { afterAll, describe, expect, test } from '@jest/globals';
import { loadCases } from '../../../local/redshift-data-api/conformance/conformance-case.ts';
import { localRole } from '../../../local/redshift-data-api/conformance/local-target.ts';
import { runAll } from '../../../local/redshift-data-api/conformance/run-all.ts';
import { conformanceTarget } from '../../../local/redshift-data-api/conformance/target.ts';
import { testStack } from '../setup/stack.ts';

const { redshiftData, s3 } = testStack();
const target = conformanceTarget({
  endpoint: redshiftData.endpoint,
  region: 'us-east-1',
  workgroup: redshiftData.workgroup,
  database: redshiftData.database,
  bucket: s3.bucket,
  prefix: 'conformance',
  role: localRole,
  s3Endpoint: s3.endpoint,
  credentials: { accessKeyId: s3.accessKeyId, secretAccessKey: s3.secretAccessKey },
});
const results = runAll(await loadCases(), target, 6);
const files = Map.groupBy(results, ([{ file }]) => file);

afterAll(() => {
  target.redshift.destroy();
  target.s3.destroy();
});

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
