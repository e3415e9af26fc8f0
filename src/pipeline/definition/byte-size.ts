import { z } from 'zod';

const UNITS: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
};
const MEANS = 'a number of bytes, or a size such as 500MB or 1GB';

/** A size: a number of bytes, or a text such as `500MB`, `1GB` or `512MiB`. Parsed, it is the number of bytes. */
export const ByteSize = z.union([
  z.number().int().positive().meta({ title: MEANS }),
  z
    .string()
    .regex(/^\d+(?:\.\d+)?\s?(?:B|[KMGT]B|[KMG]iB)$/i, MEANS)
    .meta({ title: MEANS })
    .transform((text) => {
      const [, number = '', unit = ''] = /^([\d.]+)\s?(\w+)$/.exec(text) ?? [];
      return Math.max(1, Math.round(Number(number) * (UNITS[unit.toUpperCase()] ?? 1)));
    }),
]);
