/** What an applier began. A look whether runs still run applies nothing. */
export type Begun = 'live' | 'staging' | 'look' | undefined;

/**
 * Whose turn it is while changes are applied to live and to a staging schema in turn. A look takes no turn: rounds on live
 * may take longer than the time between two looks, and then staging would never have one.
 */
export class Turns {
  #wasLives = false;

  /** @param dueInSeconds when the next apply to live is due */
  isLives(isFollowing: boolean, dueInSeconds: number): boolean {
    return !isFollowing || (!this.#wasLives && dueInSeconds === 0);
  }

  begun(what: Begun): void {
    if (what !== 'look') this.#wasLives = what === 'live';
  }
}
