/** Frees the memory of bytes that no one uses any more, if it is theirs alone: a shared pool is larger. */
export function freeMemory(bytes: Uint8Array): void {
  const { buffer: memory, byteLength } = bytes;
  if (memory instanceof ArrayBuffer && byteLength === memory.byteLength && byteLength > 0) memory.transfer(0);
}
