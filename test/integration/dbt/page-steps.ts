import { readFileSync } from 'node:fs';

/** What docs/dbt.md tells its readers to write and to run. */
export interface PageSteps {
  /** Contents by file name. Of several profiles, the last one: that of the local stack. */
  readonly files: ReadonlyMap<string, string>;
  /** In order. */
  readonly commands: readonly string[];
}

/** A file’s block follows a line that ends with its name in backquotes. */
export function pageSteps(): PageSteps {
  const lines = readFileSync(new URL('../../../docs/dbt.md', import.meta.url), 'utf8').split('\n');
  const files = new Map<string, string>();
  const commands: string[] = [];
  let block:
    | { readonly indent: string; readonly language: string; readonly file: string | undefined }
    | undefined;
  let text: string[] = [];
  let before = '';
  for (const line of lines) {
    const fence = /^( *)```(\w*)$/.exec(line);
    if (fence !== null && block === undefined) {
      const file = /`([\w./]+\.(?:yml|sql))`[^`]*:$/.exec(before)?.[1];
      block = { indent: fence[1] ?? '', language: fence[2] ?? '', file };
      text = [];
    } else if (fence !== null && block !== undefined) {
      if (block.language === 'sh') commands.push(...text);
      else if (block.file !== undefined) files.set(block.file, `${text.join('\n')}\n`);
      block = undefined;
    } else if (block !== undefined) text.push(line.slice(block.indent.length));
    else if (line.trim() !== '') before = line;
  }
  return { files, commands };
}
