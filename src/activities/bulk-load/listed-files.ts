import { Terminal } from '../../clients/errors.ts';
import type { OpenedLoad } from '../../contract/loader/bulk-load.ts';
import { loadSource } from '../../pipeline/bulk-load/load-source.ts';
import { Manifest, type ManifestEntry, manifestEntries } from '../../pipeline/bulk-load/manifest.ts';
import { type Loaders, routeFile } from '../../pipeline/loader/routing.ts';
import { addressOf, bareEtag, type SourceFile } from '../../pipeline/loader/source-file.ts';
import { findDocument } from '../../store/document.ts';
import { forEachLimited } from '../../store/for-each-limited.ts';
import type { Dependencies } from '../runtime/dependencies.ts';

/** One object that a load found, in a fixed order. */
export type Listed =
  | { readonly kind: 'file'; readonly file: SourceFile; readonly cursor: string }
  /** It belongs to no loader, or to another one; or a manifest lists it, and it does not exist. */
  | { readonly kind: 'unmatched' | 'missing'; readonly key: string; readonly cursor: string };

interface Listing {
  readonly deps: Pick<Dependencies, 'store'>;
  readonly loaders: Loaders;
  readonly load: OpenedLoad;
  readonly signal: AbortSignal;
}

const HEADS_AT_ONCE = 16;

/**
 * Lists the files of a load. Its files count as announced when it was started: so they are never too old for the ledger.
 * @param cursor of the last object that was taken
 * @throws Terminal `BadLoad` for a manifest that is absent or damaged, lists a file of another loader, or lists a mandatory
 *   file that does not exist
 */
export async function* listedFiles(listing: Listing, cursor: string | undefined): AsyncGenerator<Listed> {
  const source = loadSource(listing.load.from);
  if (source === undefined) throw new Terminal('BadLoad', `${listing.load.from} is not an address in S3.`);
  if (source.kind === 'prefix') yield* filesOfPrefix(listing, source, cursor);
  else yield* filesOfManifest(listing, source, cursor);
}

async function* filesOfPrefix(
  { deps, loaders, load, signal }: Listing,
  { bucket, key: prefix }: { readonly bucket: string; readonly key: string },
  cursor: string | undefined,
): AsyncGenerator<Listed> {
  const { staging } = loaders[load.loader]!;
  const options = { signal, ...(cursor === undefined ? {} : { startAfter: cursor }) };
  for await (const { key, etag, bytes } of deps.store(bucket).list(prefix, options)) {
    // A folder that a console created.
    if (etag === undefined || key.endsWith('/')) continue;
    const isOurs = bucket === staging.bucket && key.startsWith(`${staging.prefix}/loaders/`);
    if (isOurs || !belongs(loaders, load, { bucket, key })) yield { kind: 'unmatched', key, cursor: key };
    else yield { kind: 'file', file: fileOf(load, { bucket, key, etag, bytes }), cursor: key };
  }
}

async function* filesOfManifest(
  { deps, loaders, load, signal }: Listing,
  { bucket, key }: { readonly bucket: string; readonly key: string },
  cursor: string | undefined,
): AsyncGenerator<Listed> {
  const remedy = 'Write {"entries":[{"url":"s3://bucket/key","mandatory":true}]}, as COPY takes it.';
  const document = await findDocument({ store: deps.store(bucket), key, schema: Manifest, remedy }, signal);
  if (document === undefined) {
    throw new Terminal('BadLoad', `There is no manifest ${load.from}. Check the address.`);
  }
  const entries = manifestEntries(document);
  const foreign = entries.filter((entry) => !belongs(loaders, load, entry));
  if (foreign.length > 0) {
    throw new Terminal(
      'BadLoad',
      `${load.from} lists ${foreign.length} of ${entries.length} files that do not belong to loader ${load.loader} by its ` +
        `bucket, prefix and \`match\`: ${foreign.slice(0, 3).map(addressOf).join(', ')}. Nothing was loaded. Correct the ` +
        'manifest, or load them as files of this loader with `any` (--any).',
    );
  }
  for (let from = cursor === undefined ? 0 : Number(cursor); from < entries.length; from += HEADS_AT_ONCE) {
    const some = entries.slice(from, from + HEADS_AT_ONCE);
    const heads = await headsOf(deps, some, signal);
    for (const [index, entry] of some.entries()) {
      const at = String(from + index + 1);
      const head = heads.get(entry);
      if (head !== undefined) yield { kind: 'file', file: fileOf(load, { ...entry, ...head }), cursor: at };
      else if (!entry.mandatory) yield { kind: 'missing', key: addressOf(entry), cursor: at };
      else {
        throw new Terminal(
          'BadLoad',
          `${addressOf(entry)} does not exist, and ${load.from} lists it as mandatory. Write the file or correct the manifest, ` +
            'then load it again.',
        );
      }
    }
  }
}

async function headsOf(
  deps: Pick<Dependencies, 'store'>,
  entries: readonly ManifestEntry[],
  signal: AbortSignal,
) {
  const heads = new Map<ManifestEntry, { readonly etag: string; readonly bytes: number }>();
  await forEachLimited(
    entries,
    HEADS_AT_ONCE,
    async (entry, ended) => {
      const head = await deps.store(entry.bucket).head(entry.key, { signal: ended });
      if (head !== undefined) heads.set(entry, head);
    },
    signal,
  );
  return heads;
}

const belongs = (
  loaders: Loaders,
  { loader, any }: OpenedLoad,
  file: { readonly bucket: string; readonly key: string },
) => any || routeFile(loaders, file)?.name === loader;

const fileOf = (
  { loader, startedAt }: OpenedLoad,
  {
    bucket,
    key,
    etag,
    bytes,
  }: { readonly bucket: string; readonly key: string; readonly etag: string; readonly bytes: number },
): SourceFile => ({ bucket, key, etag: bareEtag(etag), bytes, at: startedAt, loader });
