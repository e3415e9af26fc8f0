import { atLeast, type Part, type Platform } from './part.ts';

const version = '1.5.1';
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
      checksumsUrl: `${base}/checksums.txt`,
      member: 'temporal',
    };
  },
  goPackage: `github.com/temporalio/cli/cmd/temporal@v${version}`,
  otherWays: ['run a server yourself and set TRIBUTARY_USE_TEMPORAL=127.0.0.1:7233'],
};
