import type { CopyText } from './copy-text.ts';
import type { OpenedFile, SourceFile } from './source/source-files.ts';

/** Loads the files of a COPY, one after another, into rows of COPY text. */
export interface FileLoader {
  /** Where the rows are written. */
  readonly out: CopyText;
  /**
   * Loads one file, and waits for `written` whenever rows were added to `out`.
   * @throws CopyFailure if the file cannot be read, or if too many of its rows were refused
   */
  load(file: SourceFile, opened: OpenedFile, written: () => Promise<void>): Promise<void>;
}
