/** A computer we can get parts for, in Node's words. */
export interface Platform {
  os: 'linux' | 'darwin';
  cpu: 'x64' | 'arm64';
}

/** Where the vendor publishes a part, and how the archive is laid out. */
export interface VendorRelease {
  archiveUrl: string;
  /** A file of lines `<sha256>  <archive name>`. */
  checksumsUrl: string;
  /** The program's path inside the tar archive. */
  member: string;
}

/**
 * One program the local stack needs, and every place it can come from. The places are tried in the order
 * in which they stand here; a place that is absent is skipped.
 */
export interface Part {
  name: string;
  /** What a person would call it, for messages. */
  title: string;
  /** The version that is fetched; it names the folder in the cache. */
  version: string;
  /** Names an executable; when set, nothing else is tried. */
  environmentVariable: string;
  /** The program's name on PATH and in the cache. */
  program: string;
  versionArguments: string[];
  /** Tells from the output of the version call whether a program found on PATH can be used. */
  accepts(versionOutput: string): boolean;
  /** Said when a program on PATH is passed over. */
  acceptedVersions: string;
  /** An npm package with the program inside. */
  npm?: { packageName(platform: Platform): string; program: string };
  vendorRelease?(platform: Platform): VendorRelease;
  /** A Go package that builds without cgo, with its version. */
  goPackage?: string;
  /** Further ways to provide it, in sentences for the message when all else failed. */
  otherWays: string[];
}

/** How a search for a part reports, and how it is given up. */
export interface Search {
  /** Progress, a line at a time; only of what is slow. */
  log: (line: string) => void;
  /** Aborted to give up: downloads and builds end. */
  signal?: AbortSignal | undefined;
}

/** @throws when no part is published for this computer. */
export function thisPlatform(): Platform {
  const { platform, arch } = process;
  if ((platform !== 'linux' && platform !== 'darwin') || (arch !== 'x64' && arch !== 'arm64')) {
    throw new Error(
      `The local stack runs on Linux and macOS, on x64 and arm64; this is ${platform} on ${arch}. Use docker-compose.yml instead.`,
    );
  }
  return { os: platform, cpu: arch };
}

/** Compares the first dotted number in a text with a least version: `atLeast('go 1.29.1', 1, 25)`. */
export function atLeast(text: string, major: number, minor: number): boolean {
  const found = /(\d+)\.(\d+)/.exec(text);
  if (!found) return false;
  const [foundMajor, foundMinor] = [Number(found[1]), Number(found[2])];
  return foundMajor > major || (foundMajor === major && foundMinor >= minor);
}
