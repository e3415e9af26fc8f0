import { atLeast, type Part, type Platform } from './part.ts';

const version = '1.5.1';
/** Of the archives of this version, as the vendor's checksums.txt has them. */
const SHA256 = {
  'linux-x64': 'ddc95e08b0b076efd4ea9733a3f488eb7d2be875f8834e616cd2a37358b4852d',
  'linux-arm64': 'bd1b0db9f18b051026de8bf6cc1505f2510f14bbb7a8b9a4a91fff46c77454f5',
  'darwin-x64': 'bbb73e2a31135abe50a1f1cdb35030c42961df618e8ce9c60ae89f201540c5d9',
  'darwin-arm64': 'cca01b7ea35ad56e2a328d9ae596bf716bd22313ef63c7a761c88354457c2415',
};
const goCpu = (platform: Platform) => (platform.cpu === 'x64' ? 'amd64' : 'arm64');

/**
 * Temporal's server, CLI and Web UI in one binary. 1.5.1 is the last release that `go install` can build: later ones
 * have `replace` directives in their go.mod.
 */
export const temporal: Part = {
  name: 'temporal',
  title: 'the Temporal development server',
  version,
  environmentVariable: 'TRIBUTARY_TEMPORAL_BIN',
  program: 'temporal',
  versionArguments: ['--version'],
  // `temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)`: the server's version is what matters.
  accepts: (output) => atLeast(/Server (\S+)/.exec(output)?.[1] ?? '', 1, 29),
  acceptedVersions: 'server version 1.29 or newer',
  vendorRelease: (platform) => {
    const base = `https://github.com/temporalio/cli/releases/download/v${version}`;
    return {
      archiveUrl: `${base}/temporal_cli_${version}_${platform.os}_${goCpu(platform)}.tar.gz`,
      sha256: SHA256[`${platform.os}-${platform.cpu}`],
      member: 'temporal',
    };
  },
  goProgram: {
    module: `github.com/temporalio/cli@v${version}`,
    sum: 'h1:0RZMk14BWxz44Xg6ciDQvpfAMffoG3J7/K03ql80teY=',
    package: './cmd/temporal',
  },
  otherWays: ['run a server yourself and set TRIBUTARY_USE_TEMPORAL=127.0.0.1:7233'],
};
