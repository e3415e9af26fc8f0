import { atLeast, type Part, type Platform } from './part.ts';

const version = '1.8.0';

/** The S3 server. It stores objects as files, and supports conditional puts, ranges and checksums like S3. */
export const versitygw: Part = {
  name: 'versitygw',
  title: 'the S3 server (versitygw)',
  version,
  environmentVariable: 'TRIBUTARY_VERSITYGW_BIN',
  program: 'versitygw',
  versionArguments: ['--version'],
  // A build by `go install` reports its version as `git`. Its age is unknown, so it is not used.
  accepts: (output) => atLeast(/Version\s*:\s*v?(\S+)/.exec(output)?.[1] ?? '', 1, 8),
  acceptedVersions: '1.8 or newer',
  vendorRelease: (platform) => {
    const base = `https://github.com/versity/versitygw/releases/download/v${version}`;
    const folder = `versitygw_v${version}_${unameSystem(platform)}_${unameMachine(platform)}`;
    return {
      archiveUrl: `${base}/${folder}.tar.gz`,
      checksumsUrl: `${base}/checksums.txt`,
      member: `${folder}/versitygw`,
    };
  },
  goPackage: `github.com/versity/versitygw/cmd/versitygw@v${version}`,
  otherWays: [
    'run an S3 server yourself and set TRIBUTARY_USE_S3=http://<access key>:<secret>@127.0.0.1:7070',
  ],
};

function unameSystem(platform: Platform): string {
  return platform.os === 'linux' ? 'Linux' : 'Darwin';
}

function unameMachine(platform: Platform): string {
  return platform.cpu === 'x64' ? 'x86_64' : 'arm64';
}
