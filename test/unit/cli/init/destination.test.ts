import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import picocolors from 'picocolors';
import { destinationFor } from '../../../../src/cli/init/destination.ts';
import { questionsOn } from '../../../../src/cli/init/questions.ts';

function answers(...lines: string[]) {
  const input = new PassThrough();
  for (const line of lines) input.write(`${line}\n`);
  return questionsOn(input, new PassThrough(), picocolors.createColors(false));
}

describe('the destination', () => {
  it('is that of the options', async () => {
    const options = {
      bucket: 'runs',
      cluster: 'main',
      dbUser: 'etl',
      iamRole: 'arn:aws:iam::123456789012:role/copy',
    };
    expect(await destinationFor(options, {}, undefined, undefined)).toEqual({
      ...options,
      prefix: 'tributary',
      database: 'dev',
    });
  });

  it("is that of the file's other pipelines, unless an option names another warehouse", async () => {
    const file = {
      bucket: 'runs',
      prefix: 'p',
      cluster: 'main',
      dbUser: 'etl',
      database: 'dw',
      iamRole: 'default',
    };
    expect(await destinationFor({}, file, undefined, undefined)).toEqual(file);
    expect(await destinationFor({ workgroup: 'analytics' }, file, undefined, undefined)).toEqual({
      bucket: 'runs',
      prefix: 'p',
      workgroup: 'analytics',
      database: 'dw',
      iamRole: 'default',
    });
  });

  it('is asked for, with the usual answers proposed', async () => {
    const questions = answers('Not A Bucket', 'runs', '1', 'analytics', '', '');
    expect(await destinationFor({}, {}, undefined, questions)).toEqual({
      bucket: 'runs',
      prefix: 'tributary',
      workgroup: 'analytics',
      database: 'dev',
      iamRole: 'default',
    });
    questions.close();
  });

  it('is missing if no one can be asked: the message has the options', async () => {
    await expect(destinationFor({}, {}, undefined, undefined)).rejects.toThrow(
      'Give --bucket <name> and --workgroup <name> (or --cluster <id> with --db-user <name>).',
    );
    await expect(destinationFor({ bucket: 'runs' }, {}, undefined, undefined)).rejects.toThrow(
      'Give --workgroup',
    );
  });

  it('is refused if an option is invalid', async () => {
    await expect(destinationFor({ bucket: 'No!' }, {}, undefined, undefined)).rejects.toThrow(
      '--bucket No!: Expected the name of an S3 bucket',
    );
    await expect(destinationFor({ iamRole: 'x' }, {}, undefined, undefined)).rejects.toThrow(
      '--iam-role x: Expected default, or the ARN',
    );
  });
});
