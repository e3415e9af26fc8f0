/** Ends the shared stack; its directory goes with it. */
export default async function stop(): Promise<void> {
  await globalThis.tributaryTestStack?.stop();
}
