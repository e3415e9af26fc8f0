import { z } from 'zod';
import { Layout } from '../columns/layout.ts';

/** `layouts/00001.json`: the layouts of a run after one step of growth, for all its segments. Never changed. */
export const GrownLayouts = z.object({ version: z.literal(1), layouts: z.array(Layout) });
export type GrownLayouts = z.infer<typeof GrownLayouts>;
