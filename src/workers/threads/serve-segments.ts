import { type MessagePort, parentPort } from 'node:worker_threads';
import { extractSegment } from '../../activities/extract/extract-segment.ts';
import { inferSegment } from '../../activities/infer/infer-segment.ts';
import type {
  SegmentActivity,
  SegmentClients,
  SegmentContext,
  WorkKind,
  WorkOn,
} from '../../activities/runtime/segment-context.ts';
import { SegmentProgress } from '../../activities/runtime/segment-progress.ts';
import { Waits } from '../../clients/waits.ts';
import { watchedSource, watchedStore } from '../../clients/watched-clients.ts';
import { carried, uncarried } from './carried-error.ts';
import type { FromTask, Start, ToTask } from './task-messages.ts';

const REPORT_EVERY_MS = 1_000;

const WORK: { readonly [Kind in WorkKind]: WorkOn<Kind> } = { extract: extractSegment, infer: inferSegment };

/** Makes this thread an extraction thread, which works on the segments that Temporal's thread sends. */
export function serveSegments(clients: SegmentClients): void {
  parentPort?.on('message', (start: Start) => void serve(clients, start));
}

async function serve<Kind extends WorkKind>(
  clients: SegmentClients,
  { kind, task, port }: Start<Kind>,
): Promise<void> {
  const post = (message: FromTask) => port.postMessage(message);
  const progress = new SegmentProgress();
  const waits = new Waits();
  const report = () => {
    const waiting = waits.current();
    post({
      is: 'progress',
      progress: { ...progress.details(), ...(waiting === undefined ? {} : { waiting }) },
    });
  };
  report();
  const timer = setInterval(report, REPORT_EVERY_MS);
  try {
    const work: WorkOn<Kind> = WORK[kind];
    const context: SegmentContext = {
      clients: {
        source: watchedSource(clients.source, () => waits),
        store: (bucket) => watchedStore(clients.store(bucket), () => waits),
        hashKey: clients.hashKey,
      },
      ...activityBehind(port, report),
      progress,
      waits,
    };
    post({ is: 'result', value: await work(task, context) });
  } catch (error) {
    post({ is: 'failure', error: carried(error) });
  } finally {
    clearInterval(timer);
  }
}

/** The activity at the other end of the port. @param report sends the progress that a note refers to */
function activityBehind(
  port: MessagePort,
  report: () => void,
): Pick<SegmentContext, 'activity' | 'signal' | 'stopping'> {
  const cancelled = new AbortController();
  const stopping = new AbortController();
  const calls = new Map<number, PromiseWithResolvers<unknown>>();
  let lastId = 0;
  const post = (message: FromTask) => port.postMessage(message);
  const call = <Method extends keyof SegmentActivity>(
    method: Method,
    ...given: Parameters<SegmentActivity[Method]>
  ) => {
    const id = ++lastId;
    const answered = Promise.withResolvers<unknown>();
    calls.set(id, answered);
    post({ is: 'call', method, given, id });
    return answered.promise as ReturnType<SegmentActivity[Method]>;
  };
  port.on('message', (message: ToTask) => {
    switch (message.is) {
      case 'abort':
        cancelled.abort();
        break;
      case 'stop':
        stopping.abort();
        break;
      case 'answer':
        calls.get(message.id)?.resolve(message.value);
        calls.delete(message.id);
        break;
      case 'refusal':
        calls.get(message.id)?.reject(uncarried(message.error));
        calls.delete(message.id);
        break;
    }
  });
  return {
    signal: cancelled.signal,
    stopping: stopping.signal,
    activity: {
      pipelineOf: (pipeline) => call('pipelineOf', pipeline),
      reach(checkpoint) {
        report();
        post({ is: 'call', method: 'reach', given: [checkpoint] });
      },
      isRepeatedLoss: () => call('isRepeatedLoss'),
      refuseRepeatedLoss: (what) => call('refuseRepeatedLoss', what),
      countExtracted: (...given) => post({ is: 'call', method: 'countExtracted', given }),
      joinReadRate: (rate) => call('joinReadRate', rate),
      takeUnits: (units) => call('takeUnits', units),
      correctUnits: (...given) => post({ is: 'call', method: 'correctUnits', given }),
    },
  };
}
