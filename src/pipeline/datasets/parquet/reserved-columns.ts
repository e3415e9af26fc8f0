/**
 * Which row came from which file is needed to replace the rows of a file that was overwritten. It is not in the data
 * files, because others read those. It is kept in two ways:
 *
 * - The files of a batch, which only Tributary reads, have the column `_tributary_input`: the number of the file
 *   within the batch.
 * - Each data file of a generation has a *side file* under `_tributary/`: Parquet with the one column `input`, whose
 *   n-th row is the number of the input of the data file's n-th row. A partition numbers its inputs permanently: a
 *   number is never given to another (key, ETag), so data and side files can be copied into the next generation as
 *   they are. Sorted and compressed, a side file is about a hundredth of its data file.
 *
 * With `deduplicate`, rows that lost against another with their key are kept in a *duplicates file* beside the side
 * files, with `_tributary_input`: if the winner's file is overwritten without that row, the other is to appear again.
 * The winners are then a function of the inputs' rows alone, in whatever order they arrived.
 */
export const INPUT = '_tributary_input';
/** Position of a row in the staged, sorted rows, from 1. */
export const NUMBER = '_tributary_number';
/** Index of an existing data file, and of a row in it. */
export const FILE = '_tributary_file';
export const ROW = '_tributary_row';
/** The local path of the file that a row is read from. */
export const PATH = '_tributary_path';
export const RANK = '_tributary_rank';

/** Prefix that no column of a dataset may have. */
export const RESERVED_PREFIX = '_tributary_';
