import { ItemFile } from './item-file.ts';
import { servePages } from './page-server.ts';
import { fileAndItems } from './table-name.ts';

/**
 * The page server as a process of its own. Its arguments are files of items, each as `name=path`; a table
 * `name.1000` has the first 1,000 items. It sends its endpoint, answers each message with the bytes sent so far, and
 * ends with its parent.
 */
const files = new Map<string, ItemFile>();
for (const argument of process.argv.slice(2)) {
  const [name, path] = argument.split('=') as [string, string];
  files.set(name, await ItemFile.open(path));
}
const tables = new Map<string, ItemFile>();
const server = await servePages((table) => {
  const found = tables.get(table) ?? tableOf(table);
  if (found !== undefined) tables.set(table, found);
  return found;
});
process.on('message', () => process.send?.({ sentBytes: server.sentBytes }));
process.on('disconnect', () => process.exit());
process.send?.({ endpoint: server.endpoint });

function tableOf(table: string): ItemFile | undefined {
  const { file, items } = fileAndItems(table);
  return files.get(file)?.first(items);
}
