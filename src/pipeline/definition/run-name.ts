/** A run's name must be valid in an S3 key, a workflow id and an SQL identifier. Here without zod, for the command line. */
export const RUN_NAME = {
  pattern: /^[a-z0-9][a-z0-9_]{0,39}$/,
  means: 'lower-case letters, digits and _, at most 40, not beginning with _',
};
