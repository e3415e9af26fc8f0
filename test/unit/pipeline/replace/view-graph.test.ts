import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { shownName, type ViewEdge, viewsToRecreate } from '../../../../src/pipeline/replace/view-graph.ts';

const named = (text: string) => {
  const [schema = '', name = ''] = text.split('.');
  return { schema, name };
};
const edges = (...pairs: [string, string][]): ViewEdge[] =>
  pairs.map(([view, reads]) => ({ view: named(view), reads: named(reads) }));
const order = (all: readonly ViewEdge[], ...within: string[]) =>
  viewsToRecreate('live', within, all).map(shownName);

describe('the views that a swap recreates', () => {
  test('are those of the schema, even if they read nothing there', () => {
    expect(order(edges(['live.v', 'rates.daily']), 'v', 'constant')).toEqual(['live.constant', 'live.v']);
  });

  test('are those elsewhere that read it, through any number of views', () => {
    const all = edges(
      ['bi.a', 'bi.b'],
      ['bi.b', 'live.v'],
      ['live.v', 'live.t'],
      ['bi.c', 'live.t'],
      ['bi.d', 'x.t'],
    );
    expect(order(all, 'v')).toEqual(['live.v', 'bi.b', 'bi.a', 'bi.c']);
  });

  test('are not those that only read a table of the same name', () => {
    expect(order(edges(['bi.a', 'other.t'], ['live2.v', 'live2.t']))).toEqual([]);
  });

  test('come after every view that they read, in any graph', () => {
    const view = fc.record({ schema: fc.constantFrom('live', 'bi', 'fin'), at: fc.nat(19) });
    fc.assert(
      fc.property(fc.array(fc.tuple(view, view), { maxLength: 80 }), (pairs) => {
        // A view reads only views with a smaller number, or a table.
        const all = pairs
          .filter(([one, other]) => one.at !== other.at)
          .map(([one, other]) =>
            one.at > other.at ? { reader: one, read: other } : { reader: other, read: one },
          )
          .map(({ reader, read }) => ({
            view: { schema: reader.schema, name: `v${reader.at}` },
            reads: { schema: read.schema, name: read.at < 5 ? `t${read.at}` : `v${read.at}` },
          }));
        const views = viewsToRecreate('live', [], all).map(shownName);
        expect(new Set(views).size).toBe(views.length);
        const at = (name: { schema: string; name: string }) => views.indexOf(shownName(name));
        const isAffected = ({ reads }: ViewEdge) => reads.schema === 'live' || at(reads) >= 0;
        // A relation of live that is no view comes before all views.
        expect(all.filter((edge) => isAffected(edge) && at(edge.view) <= at(edge.reads))).toEqual([]);
      }),
    );
  });

  test('may be a chain of any length', () => {
    const chain = Array.from({ length: 20_000 }, (_, i): [string, string] => [
      `bi.v${i}`,
      i === 0 ? 'live.t' : `bi.v${i - 1}`,
    ]);
    expect(order(edges(...chain))).toHaveLength(20_000);
  });
});
