import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { IS_CHECKOUT, packageFile } from '../../../src/installation/package-files.ts';
import { npmPackageDirectory } from '../../parts/find-part.ts';

const NAME = '@tributary-data/redshift-data-local';

/**
 * The program of the local Redshift. It is a separate package, because a worker on AWS does not need it.
 * @throws RedshiftMissingError if it is not installed beside this package.
 */
export function redshiftProgram(): string {
  if (IS_CHECKOUT) return packageFile('packages/redshift-data-local/src/main.ts');
  const directory = npmPackageDirectory(NAME);
  if (directory === undefined) throw new RedshiftMissingError();
  const { bin } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as {
    bin: Readonly<Record<string, string>>;
  };
  return join(directory, Object.values(bin)[0]!);
}

class RedshiftMissingError extends Error {
  override readonly name = 'RedshiftMissingError';

  constructor() {
    const { version } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { version: string };
    super(
      `The local stack needs the package ${NAME}, which is not installed. Install its version ${version} where this ` +
        'package is installed, from the same registry or as a tarball, and try again. Workers and all commands except ' +
        '"tributary local" and "tributary demo" work without it.',
    );
  }
}
