/**
 * Frees the memory of a buffer now, not when garbage is collected: by then, many more like it were made, and the kernel
 * has had to provide new pages for each. The buffer is empty afterwards, and so is every other view of the same memory.
 *
 * Nothing outside of JavaScript may still use it, such as a pending write to a socket or a compressor at work. A buffer
 * that is only a part of its memory, such as one from Node's pool, is left alone.
 */
export function freeMemory(buffer: Uint8Array): void {
  const { buffer: memory, byteLength } = buffer;
  if (memory instanceof ArrayBuffer && byteLength === memory.byteLength && byteLength > 0) memory.transfer(0);
}
