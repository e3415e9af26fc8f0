import type { Fault } from './fault.ts';
import { type Call, startHttpFaultProxy } from './http-fault-proxy.ts';

/** A proxy with an explicit list of faults, for tests of a single client. */
export interface ScriptedProxy {
  readonly endpoint: string;
  /** The calls seen since the last `next`. */
  readonly calls: readonly Call[];
  /** Sets the faults of the next calls, in order; `then` applies to all further calls. */
  next(faults: readonly Fault[], then?: Fault): void;
  /** Resolves once a call has arrived since the last `next`. */
  called(): Promise<void>;
  close(): Promise<void>;
}

export async function startScriptedProxy(behind: string): Promise<ScriptedProxy> {
  const calls: Call[] = [];
  let coming: Fault[] = [];
  let afterwards: Fault = { kind: 'none' };
  let arrival = Promise.withResolvers<void>();
  const proxy = await startHttpFaultProxy({
    behind,
    faultFor(call) {
      calls.push(call);
      arrival.resolve();
      return coming.shift() ?? afterwards;
    },
  });
  return {
    endpoint: proxy.endpoint,
    calls,
    next(faults, then = { kind: 'none' }) {
      calls.length = 0;
      arrival = Promise.withResolvers();
      coming = [...faults];
      afterwards = then;
    },
    called: () => arrival.promise,
    close: () => proxy.close(),
  };
}
