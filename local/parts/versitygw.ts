import { atLeast, type Part, type Platform } from './part.ts';

const version = '1.8.0';
/** Of the archives of this version, as the vendor's checksums.txt has them. */
const SHA256 = {
  'linux-x64': '2ba2c734d10d2c4e651d03182cb4b246656bc735a2f282db7b0b73fba6073467',
  'linux-arm64': 'b34051d33f5a9c457f790896acb7bd7d7e15ad8d92efb70616b924f37e401910',
  'darwin-x64': '104bd978e80ef0173554cfd8630ccc5bac24b00da440510b60365a3b6b6ab134',
  'darwin-arm64': '4953096f65a9c0d62ab184fb6b2ba7c2435229205cf00a56cb62cd4bf6b216ca',
};

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
      sha256: SHA256[`${platform.os}-${platform.cpu}`],
      member: `${folder}/versitygw`,
    };
  },
  goProgram: {
    module: `github.com/versity/versitygw@v${version}`,
    sum: 'h1:au+wI+aybno/STsQiSm35Uu6Q6iK5MWReQxgO6SEMFc=',
    package: './cmd/versitygw',
  },
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
