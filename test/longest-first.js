import Sequencer from '@jest/test-sequencer';

/** The suites that take longest. Started first, none of them runs alone at the end while other processors are idle. */
const LONGEST = [
  'chaos/changes-chaos.test.ts',
  'chaos/datasets-chaos.test.ts',
  'cli/runs.test.ts',
  'pipeline/stuck-statement.test.ts',
  'chaos/chaos.test.ts',
  'cli/doctor.test.ts',
  'changes/refresh-and-changes.test.ts',
  'datasets/events.test.ts',
  'pipeline/operators-ways.test.ts',
  'pipeline/seal-memory.test.ts',
  'pipeline/alerts.test.ts',
  'pipeline/worker-death.test.ts',
  'changes/exports-to-live.test.ts',
  'cli/loader.test.ts',
  'pipeline/what-live-holds.test.ts',
  'chaos/loader-chaos.test.ts',
  'local/lifecycle.test.ts',
  'loader/bulk-load.test.ts',
  'cli/demo.test.ts',
  'pipeline/prune.test.ts',
  'pipeline/operators-ways-of-tables.test.ts',
  'pipeline/data-api-limits.test.ts',
];

const rank = ({ path }) => {
  const found = LONGEST.findIndex((suite) => path.endsWith(`/test/integration/${suite}`));
  return found === -1 ? LONGEST.length : found;
};

/** Starts the longest suites first; the others in Jest's own order, by how long they took last time or by size. */
export default class LongestFirst extends Sequencer {
  sort(tests) {
    return super.sort(tests).sort((a, b) => rank(a) - rank(b));
  }
}
