import {
  type ItemsRead,
  type PageServer,
  type ReadRequest,
  servePages,
} from '../../bench/speed/page-server.ts';
import { HOSTILE_KEY, hostileItem, numberOf } from './hostile-table.ts';

/** DynamoDB ends a page after this much. JSON is longer than what DynamoDB counts, so these pages are shorter. */
const PAGE_BYTES = 1024 * 1024;

/** Serves a hostile table by DynamoDB's protocol. Items are made when they are requested. */
export function startPageServer(items: number): Promise<PageServer> {
  const table = {
    key: HOSTILE_KEY,
    items,
    bytes: items * 20_000,
    numberOf: ({ pk }: { readonly pk?: unknown }) => numberOf((pk as { readonly S: string }).S),
    read: (request: ReadRequest) => read(request, items),
  };
  return servePages(() => table);
}

/** Segments take turns, so that each has every shape. */
function read({ segment, segments, after, limit }: ReadRequest, items: number): ItemsRead {
  const texts: string[] = [];
  let size = 0;
  let i = after === undefined ? segment : after + segments;
  let last: ItemsRead['lastKey'];
  while (i < items && size < PAGE_BYTES && texts.length < limit) {
    const { item } = hostileItem(i);
    last = { pk: item.pk!, sk: item.sk! };
    const text = JSON.stringify(item);
    texts.push(text);
    size += text.length;
    i += segments;
  }
  const text = Buffer.from(texts.join(','));
  return { text, count: texts.length, size, lastKey: i < items ? last : undefined };
}
