/** How far the readers of one worker are behind their shards, for metrics: shards come and go, so there is one number per pipeline. */
export class IteratorAges {
  readonly #ofPipelines = new Map<string, Map<string, number>>();

  /** @param seconds from the last change of a page to now; 0 if the page was empty @returns the greatest of the pipeline's shards */
  note(pipeline: string, shard: string, seconds: number): number {
    const ages = this.#ofPipelines.get(pipeline) ?? new Map<string, number>();
    this.#ofPipelines.set(pipeline, ages);
    ages.set(shard, seconds);
    return greatest(ages);
  }

  /** The shard is no longer read by this worker. @returns the greatest of the others; 0 if there are none */
  forget(pipeline: string, shard: string): number {
    const ages = this.#ofPipelines.get(pipeline);
    ages?.delete(shard);
    return ages === undefined ? 0 : greatest(ages);
  }
}

const greatest = (ages: ReadonlyMap<string, number>): number => {
  let most = 0;
  for (const age of ages.values()) if (age > most) most = age;
  return most;
};
