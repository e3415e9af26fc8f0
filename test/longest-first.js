import Sequencer from '@jest/test-sequencer';

/** The suites that take longest. Started first, none of them runs alone at the end while other processors are idle. */
const LONGEST = [
  'chaos/chaos.test.ts',
  'cli/runs.test.ts',
  'pipeline/operators-ways.test.ts',
  'cli/doctor.test.ts',
  'pipeline/operators-ways-of-tables.test.ts',
  'pipeline/operators-ways-of-inference.test.ts',
  'pipeline/data-api-limits.test.ts',
  'pipeline/worker-death.test.ts',
  'local/lifecycle.test.ts',
  'pipeline/prune.test.ts',
  'pipeline/seal-memory.test.ts',
  'cli/demo.test.ts',
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
