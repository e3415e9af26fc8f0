import { describe, expect, it } from '@jest/globals';
import { addEntries } from '../../../src/config/add-entries.ts';

const NEW = ['# new', 'b:', '  source:', '    table: b'];
const add = (text: string) => addEntries(text, 'tributary.yaml', 'pipelines', [NEW]);

describe('pipelines are added to a file, which otherwise stays as it is', () => {
  it.each([
    [
      'below the last one',
      'pipelines:\n  a: # first\n    source: { table: "a" }\n',
      'pipelines:\n  a: # first\n    source: { table: "a" }\n\n  # new\n  b:\n    source:\n      table: b\n',
    ],
    [
      'before what follows, with its comments',
      'pipelines:\n    a:\n        source: { table: a }\n        # of a\n\n# of the schedules\nschedules: {}\n',
      'pipelines:\n    a:\n        source: { table: a }\n        # of a\n\n    # new\n    b:\n      source:\n        table: b\n\n# of the schedules\nschedules: {}\n',
    ],
    [
      'without a line feed at the end',
      'pipelines:\n  a: { source: { table: a } }',
      'pipelines:\n  a: { source: { table: a } }\n\n  # new\n  b:\n    source:\n      table: b\n',
    ],
    [
      'to an empty map in braces',
      'pipelines: {} # none yet\nschedules: {}\n',
      'pipelines: # none yet\n  # new\n  b:\n    source:\n      table: b\nschedules: {}\n',
    ],
    [
      'to a file without pipelines',
      '# mine\ndefaults: {}\n',
      '# mine\ndefaults: {}\n\npipelines:\n  # new\n  b:\n    source:\n      table: b\n',
    ],
    [
      'below text over several lines that looks like a comment',
      'pipelines:\n  a:\n    note: |\n      # not a comment\n\n      end\nschedules: {}\n',
      'pipelines:\n  a:\n    note: |\n      # not a comment\n\n      end\n\n  # new\n  b:\n    source:\n      table: b\nschedules: {}\n',
    ],
  ])('%s', (_what, before, after) => {
    expect(add(before)).toBe(after);
  });

  it('unless they are in braces', () => {
    expect(() => add('pipelines: { a: { source: { table: a } } }\n')).toThrow(
      'writes its pipelines in braces',
    );
  });
});
