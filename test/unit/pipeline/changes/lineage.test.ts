import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nextShards, parentsFirst, rootsOf } from '../../../../src/pipeline/changes/lineage.ts';

const shard = (id: string, parent?: string) => ({ id, parent });
const names = (shards: readonly { readonly id: string }[]) => shards.map(({ id }) => id);
const log = (shards: Record<string, 'ended' | 'open'>) =>
  new Map(Object.entries(shards).map(([id, state]) => [id, { ended: state === 'ended' }]));

describe('the shards to read next', () => {
  test('are the roots at first; a child waits until its parent was read to its end', () => {
    const listed = [shard('a'), shard('b', 'gone'), shard('c', 'a'), shard('d', 'c')];
    const roots = rootsOf(listed);
    expect(roots).toEqual(['a', 'b']);
    expect(nextShards({ roots, listed, recorded: new Map() })).toMatchObject({ behindGap: [], unended: [] });
    expect(names(nextShards({ roots, listed, recorded: new Map() }).ready)).toEqual(['a', 'b']);
    const reading = nextShards({ roots, listed, recorded: log({ a: 'open', b: 'open' }) });
    expect(reading).toEqual({ ready: [], behindGap: [], unended: ['a', 'b'] });
    const after = nextShards({ roots, listed, recorded: log({ a: 'ended', b: 'open' }) });
    expect(names(after.ready)).toEqual(['c']);
    expect(after.unended).toEqual(['b']);
  });

  test('include one that the stream no longer lists: only reading it shows what is lost', () => {
    expect(nextShards({ roots: ['a'], listed: [], recorded: log({ a: 'open' }) }).unended).toEqual(['a']);
  });

  test('lie behind a gap if neither the log nor the stream has their parent, or they have none and are no roots', () => {
    const listed = [shard('x', 'lost'), shard('y', 'x'), shard('z')];
    const { ready, behindGap } = nextShards({ roots: ['a'], listed, recorded: log({ a: 'ended' }) });
    expect(ready).toEqual([]);
    expect(names(behindGap)).toEqual(['x', 'z']);
  });
});

describe('shards with parents first', () => {
  test('keep the order of the listing otherwise, and end if a shard is its own ancestor', () => {
    expect(names(parentsFirst([shard('c', 'b'), shard('b', 'a'), shard('x'), shard('a')]))).toEqual([
      'a',
      'b',
      'c',
      'x',
    ]);
    expect(names(parentsFirst([shard('a', 'b'), shard('b', 'a')])).toSorted()).toEqual(['a', 'b']);
  });
});

/** A stream that splits, ends and forgets shards, and a reader that records them. */
class Model {
  readonly stream: { id: string; parent?: string; closed: boolean; listed: boolean }[] = [];
  readonly recorded = new Map<string, { ended: boolean }>();
  /** In the order in which they were begun. */
  readonly begun: string[] = [];
  readonly behindGap: string[] = [];
  roots: string[] = [];
  #next = 0;

  constructor(shards: number) {
    for (let i = 0; i < shards; i++) this.#add();
  }

  #add(parent?: string): void {
    this.stream.push({
      id: `s${this.#next++}`,
      ...(parent === undefined ? {} : { parent }),
      closed: false,
      listed: true,
    });
  }

  get listed() {
    return this.stream.filter(({ listed }) => listed);
  }

  open(): void {
    this.roots = rootsOf(this.listed);
  }

  /** @param children 1: the shard rolls; 2: it splits */
  end(pick: number, children: number): void {
    const open = this.stream.filter(({ closed }) => !closed);
    const one = open[pick % open.length]!;
    one.closed = true;
    for (let i = 0; i < children; i++) this.#add(one.id);
  }

  /** The oldest closed shard passes out of the listing. */
  forget(): void {
    const one = this.listed.find(({ closed }) => closed);
    if (one !== undefined) one.listed = false;
  }

  watch(): void {
    const { ready, behindGap } = nextShards(this);
    for (const { id } of [...ready, ...behindGap]) {
      this.recorded.set(id, { ended: false });
      this.begun.push(id);
    }
    for (const { id } of behindGap) this.behindGap.push(id);
  }

  /** Reads one of the shards that are being read; to its end, if it is closed. */
  read(pick: number): void {
    const { unended } = nextShards(this);
    if (unended.length === 0) return;
    const id = unended[pick % unended.length]!;
    if (this.stream.find((each) => each.id === id)!.closed) this.recorded.set(id, { ended: true });
  }
}

const step = fc.oneof(
  fc.record({ kind: fc.constant('end' as const), pick: fc.nat(20), children: fc.constantFrom(1, 2, 2, 3) }),
  fc.record({ kind: fc.constant('forget' as const) }),
  fc.record({ kind: fc.constant('watch' as const) }),
  fc.record({ kind: fc.constant('read' as const), pick: fc.nat(20) }),
);

function play(
  shards: number,
  before: readonly unknown[],
  steps: readonly unknown[],
  keepsUp: boolean,
): Model {
  const model = new Model(shards);
  for (const one of before as { pick: number; children: number }[]) model.end(one.pick, one.children);
  model.open();
  for (const one of steps as ({ kind: string } & { pick: number; children: number })[]) {
    if (one.kind === 'end') model.end(one.pick, one.children);
    else if (one.kind === 'watch') model.watch();
    else if (one.kind === 'read') model.read(one.pick);
    else if (!keepsUp || isRecorded(model)) model.forget();
  }
  return model;
}

/** Whether the shard that would be forgotten next was read to its end, and its children are in the log. */
function isRecorded(model: Model): boolean {
  const one = model.listed.find(({ closed }) => closed);
  if (one === undefined) return false;
  const children = model.stream.filter(({ parent }) => parent === one.id);
  return model.recorded.get(one.id)?.ended === true && children.every(({ id }) => model.recorded.has(id));
}

function finish(model: Model): void {
  for (let i = 0; i <= model.stream.length; i++) {
    model.watch();
    for (let pick = 0; pick < model.stream.length; pick++) model.read(pick);
  }
}

const splits = fc.array(fc.record({ pick: fc.nat(20), children: fc.constantFrom(1, 2) }), { maxLength: 8 });

describe('any stream', () => {
  test('is read completely, parents before children, by a reader that keeps up', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        splits,
        fc.array(step, { maxLength: 80 }),
        (n, before, steps) => {
          const model = play(n, before, steps, true);
          finish(model);
          expect(model.behindGap).toEqual([]);
          const all = model.stream.map(({ id }) => id);
          expect(model.begun.toSorted()).toEqual(all.toSorted());
          expect(new Set(model.begun).size).toBe(model.begun.length);
          for (const [at, id] of model.begun.entries()) {
            const parent = model.stream.find((each) => each.id === id)!.parent;
            const before =
              parent === undefined || model.roots.includes(id) ? -1 : model.begun.indexOf(parent);
            expect(before).toBeLessThan(at);
          }
          for (const { id, closed } of model.stream) expect(model.recorded.get(id)?.ended).toBe(closed);
        },
      ),
    );
  });

  test('is read as far as it can be by one that was away, and whatever follows a lost shard lies behind a gap', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        splits,
        fc.array(step, { maxLength: 80 }),
        (n, before, steps) => {
          const model = play(n, before, steps, false);
          finish(model);
          for (const { id, parent, listed } of model.stream) {
            expect(model.recorded.has(id) || !listed).toBe(true);
            if (!model.recorded.has(id) || model.roots.includes(id)) continue;
            // Its parent was read to its end before, or it is known that something is missing.
            const isWhole =
              parent !== undefined &&
              model.begun.indexOf(parent) >= 0 &&
              model.begun.indexOf(parent) < model.begun.indexOf(id);
            expect(isWhole).toBe(!model.behindGap.includes(id));
          }
        },
      ),
    );
  });
});
