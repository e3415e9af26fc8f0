import { z } from 'zod';

/** A Redshift column type as data. Lengths of VARCHAR and VARBYTE are bytes. */
export const RedshiftType = z.discriminatedUnion('type', [
  z.object({ type: z.literal('BOOLEAN') }),
  z.object({ type: z.literal('INTEGER') }),
  z.object({ type: z.literal('BIGINT') }),
  z.object({ type: z.literal('DECIMAL'), precision: z.number().int(), scale: z.number().int() }),
  z.object({ type: z.literal('VARCHAR'), bytes: z.number().int() }),
  z.object({ type: z.literal('VARBYTE'), bytes: z.number().int() }),
  z.object({ type: z.literal('DATE') }),
  z.object({ type: z.literal('TIMESTAMPTZ') }),
]);
export type RedshiftType = z.infer<typeof RedshiftType>;
