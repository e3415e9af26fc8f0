import type { Directory } from './directory.ts';
import type { LoaderOperator } from './loader-operator.ts';
import type { BadFile } from './schedule.ts';

interface Recovering {
  readonly operator: LoaderOperator;
  readonly directory: Directory;
  /** The key of the file that does not fit, if any. */
  readonly badKey: string | undefined;
  readonly badFile: BadFile | undefined;
  /** Overwrites the file that does not fit. */
  readonly fix: () => Promise<void>;
}

/** What an operator does about batches that are parked: only those with the file that does not fit may be. */
export class ParkedBatches {
  readonly #at: Recovering;
  #isFixed = false;

  constructor(at: Recovering) {
    this.#at = at;
  }

  /** Does something about each parked batch. @returns what is wrong, if one is parked for another reason */
  async look(): Promise<string | undefined> {
    const { operator, directory, badKey, badFile } = this.#at;
    const progress = await operator.progress();
    for (const parked of progress?.parked ?? []) {
      const files = (await directory.batch(parked.batch))?.files ?? [];
      if (badFile === undefined || !files.some(({ key }) => key === badKey))
        return `batch ${parked.batch} was parked, although its files fit: ${JSON.stringify(parked)}`;
      await this.#recover(badFile, parked.batch, files.length).catch(() => {});
    }
    // What should have resumed a paused loader may have been lost with the worker that was asked.
    if (progress?.state === 'paused') await operator.resume().catch(() => {});
    return undefined;
  }

  async #recover({ recovery, by }: BadFile, batch: number, files: number): Promise<void> {
    const { operator, fix } = this.#at;
    switch (recovery) {
      case 'fix':
        if (!this.#isFixed) {
          this.#isFixed = true;
          await fix();
        }
        return operator.askForRetry(by, batch);
      case 'skip':
        return operator.skip(by, batch);
      case 'split':
        return files > 1 ? operator.split(by, batch) : operator.skip(by, batch);
    }
  }
}
