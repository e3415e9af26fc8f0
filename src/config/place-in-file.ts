import { readFileSync } from 'node:fs';
import { LineCounter, parseDocument } from 'yaml';
import { offsetOf } from './document-positions.ts';

/** Where a setting is in a configuration file, `tributary.yaml:12:7 `, with a blank; empty if it is not written there. */
export function placeInFile(file: string, path: readonly string[]): string {
  const lines = new LineCounter();
  try {
    const document = parseDocument(readFileSync(file, 'utf8'), { lineCounter: lines, merge: true });
    if (!document.hasIn(path)) return '';
    const { line, col } = lines.linePos(offsetOf(document, path, 'key'));
    return `${file}:${line}:${col} `;
  } catch {
    // Its reader has reported what is wrong with the file.
    return '';
  }
}
