/** Why a partition is not built that would have more text files than it may have. */
export const tooManyFiles = ({
  column,
  values,
  maxFiles,
}: {
  readonly column: string;
  readonly values: number;
  readonly maxFiles: number;
}): string =>
  `it has ${values} values in ${column}, each with a file of its own; store.maxFiles is ${maxFiles}. ` +
  'It is not built. Set a greater store.maxFiles, or a store.filePer with fewer values.';
