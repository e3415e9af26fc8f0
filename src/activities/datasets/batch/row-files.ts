import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { RowFile } from '../../../clients/table-engine.ts';
import { freeMemory } from '../../../memory/free-memory.ts';
import type { LineBlock } from '../../../modules/thread-messages.ts';
import { refuseShort } from '../../../store/datasets/local-files.ts';

const MOST_HELD_BYTES = 8 * 1024 * 1024;

/** Files of row lines on the local disk, one per partition. Lines are gathered in memory, so that many partitions take few writes. */
export class RowFiles {
  readonly #directory: string;
  readonly #paths = new Map<string, string>();
  #held = new Map<string, Uint8Array[]>();
  #texts: Uint8Array[] = [];
  #heldBytes = 0;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** @param block whose memory is freed once it is written */
  async add({ text, ends, partitions }: Pick<LineBlock, 'text' | 'ends' | 'partitions'>): Promise<void> {
    for (const [i, partition] of partitions.entries()) {
      const lines = text.subarray(i === 0 ? 0 : ends[i - 1], ends[i]);
      if (lines.byteLength === 0) continue;
      const own = this.#held.get(partition);
      if (own === undefined) this.#held.set(partition, [lines]);
      else own.push(lines);
    }
    this.#texts.push(text);
    this.#heldBytes += text.byteLength;
    if (this.#heldBytes > MOST_HELD_BYTES) await this.#write();
  }

  /** All files that have lines. */
  async finish(): Promise<RowFile[]> {
    await this.#write();
    return [...this.#paths].map(([partition, path]) => ({ partition, path }));
  }

  async #write(): Promise<void> {
    const held = this.#held;
    this.#held = new Map();
    this.#heldBytes = 0;
    for (const [partition, lines] of held) {
      const path = this.#paths.get(partition) ?? join(this.#directory, `rows-${this.#paths.size}.jsonl`);
      this.#paths.set(partition, path);
      const file = await open(path, 'a');
      try {
        const bytes = lines.reduce((sum, { byteLength }) => sum + byteLength, 0);
        refuseShort(path, (await file.writev(lines)).bytesWritten, bytes);
      } finally {
        await file.close();
      }
    }
    for (const text of this.#texts) freeMemory(text);
    this.#texts = [];
  }
}
