import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fillOnce, partsCacheDirectory } from '../../../local/parts/parts-cache.ts';

const run = promisify(execFile);
/** A version that supports sessions, CSV results and long polling. */
const version = '1.46.2';
const installTimeoutSeconds = 300;

/** @param words from the service on, e.g. `sqs list-queues` */
type AwsCli = (endpoint: string, ...words: string[]) => Promise<unknown>;

/**
 * The stock AWS CLI from the Python registry, in its own virtual environment in the cache. Returns the reason if it
 * cannot be installed: no Python with venv, or no registry.
 */
export async function findAwsCli(): Promise<AwsCli | string> {
  const directory = join(partsCacheDirectory(), `awscli-${version}`);
  try {
    await fillOnce(directory, { log: () => {} }, install);
  } catch (error) {
    return `the AWS CLI cannot be installed: ${(error as Error).message.split('\n')[0]}`;
  }
  return async (endpoint, ...words) => {
    const { stdout } = await run(
      join(directory, 'bin', 'python'),
      [
        ...['-m', 'awscli', '--endpoint-url', endpoint, '--region', 'us-east-1', '--output', 'json'],
        ...words,
      ],
      {
        env: {
          PATH: process.env.PATH,
          AWS_ACCESS_KEY_ID: 'any',
          AWS_SECRET_ACCESS_KEY: 'any',
          AWS_EC2_METADATA_DISABLED: 'true',
          AWS_MAX_ATTEMPTS: '1',
          AWS_PAGER: '',
          // Without the user's profiles.
          AWS_CONFIG_FILE: '/nonexistent',
          AWS_SHARED_CREDENTIALS_FILE: '/nonexistent',
        },
      },
    );
    return stdout === '' ? {} : (JSON.parse(stdout) as unknown);
  };
}

async function install(directory: string): Promise<void> {
  const timeout = installTimeoutSeconds * 1000;
  // Only its scripts contain this path, and none of them is used: the folder may be moved.
  await run('python3', ['-m', 'venv', directory], { timeout });
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `awscli==${version}`];
  await run(join(directory, 'bin', 'python'), pip, { timeout });
}
