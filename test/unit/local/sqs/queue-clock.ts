import type { Clock } from '../../../../local/sqs/clock.ts';
import { HandClock } from '../../clients/hand-clock.ts';

/** The clock of a local SQS, which only tests advance. */
export class QueueClock extends HandClock implements Clock {
  at(dueMs: number, call: () => void): () => void {
    let isCancelled = false;
    this.after(dueMs - this.nowMs(), () => {
      if (!isCancelled) call();
    });
    return () => {
      isCancelled = true;
    };
  }
}
