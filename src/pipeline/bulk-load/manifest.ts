import { z } from 'zod';
import { s3Address } from './load-source.ts';

/**
 * A manifest as COPY takes it. UNLOAD adds `meta` to its entries.
 * https://docs.aws.amazon.com/redshift/latest/dg/loading-data-files-using-manifest.html
 */
export const Manifest = z.object({
  entries: z
    .array(
      z.object({
        url: z.string().refine((url) => s3Address(url) !== undefined, 'expected s3://bucket/key'),
        mandatory: z.boolean().default(false),
      }),
    )
    .min(1),
});

/** A file that a manifest lists. */
export interface ManifestEntry {
  readonly bucket: string;
  readonly key: string;
  /** COPY fails if it does not exist, and leaves out one that is not mandatory. */
  readonly mandatory: boolean;
}

/** The entries, each file once, in their order. */
export function manifestEntries({ entries }: z.infer<typeof Manifest>): ManifestEntry[] {
  const byUrl = new Map<string, ManifestEntry>();
  for (const { url, mandatory } of entries) {
    const known = byUrl.get(url);
    byUrl.set(url, { ...s3Address(url)!, mandatory: mandatory || known?.mandatory === true });
  }
  return [...byUrl.values()];
}
