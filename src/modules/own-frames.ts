/** A stack trace with the frames of a module only, without those of this package. */
export const ownFrames = (stack: string, file: string): string =>
  stack
    .split('\n')
    .filter((line) => !/^\s+at /.test(line) || line.includes(`${file}:`))
    .join('\n');
