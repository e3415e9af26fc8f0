const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'its directory does not exist',
  ENOTDIR: 'part of its path is a file, not a directory',
  EISDIR: 'it is a directory',
  EACCES: 'this user has no permission to write it',
  EPERM: 'this user has no permission to write it',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
};

/** Why a file could not be written, in words. */
export function whyNotWritten(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return REASONS[code] ?? message;
}
