export interface Interrupt {
  readonly signal: AbortSignal;
  readonly release: () => void;
}

/** Turns the first Ctrl-C or SIGTERM into an abort. A second one ends the process as usual. */
export function onInterrupt(): Interrupt {
  const controller = new AbortController();
  const abort = () => {
    release();
    controller.abort();
  };
  const release = () => {
    process.off('SIGINT', abort);
    process.off('SIGTERM', abort);
  };
  process.on('SIGINT', abort);
  process.on('SIGTERM', abort);
  return { signal: controller.signal, release };
}
