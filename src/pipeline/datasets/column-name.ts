import { z } from 'zod';

/** Of a column, in the lake: Glue keeps names in lower case. https://docs.aws.amazon.com/athena/latest/ug/tables-databases-columns-names.html */
export const LakeColumnName = z
  .string()
  .regex(
    /^[a-z_][a-z0-9_]{0,126}$/,
    'a column name: lower-case letters, digits and _, at most 127, beginning with a letter or _',
  );
