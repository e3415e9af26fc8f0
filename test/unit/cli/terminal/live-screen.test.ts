import type { WriteStream } from 'node:tty';
import { describe, expect, it } from '@jest/globals';
import { LiveScreen } from '../../../../src/cli/terminal/live-screen.ts';

/** A terminal that records what is written to it. */
function terminal(rows: number) {
  const written: string[] = [];
  const stream = { rows, write: (text: string) => written.push(text) } as unknown as WriteStream;
  return { screen: new LiveScreen(stream), written };
}

describe('a block of lines redrawn in place', () => {
  it('goes back to its own first line, and erases what was below it', () => {
    const { screen, written } = terminal(24);
    screen.draw(['one', 'two']);
    screen.draw(['three']);
    screen.draw(['four']);
    expect(written[0]).not.toContain('\x1b[2F');
    expect(written[1]).toContain('\x1b[2F');
    expect(written[1]).toContain('\x1b[0Jthree\n');
    expect(written[2]).toContain('\x1b[1F');
  });

  it('writes nothing when nothing changed', () => {
    const { screen, written } = terminal(24);
    screen.draw(['one']);
    screen.draw(['one']);
    expect(written).toHaveLength(1);
  });

  it('never draws more lines than the cursor can go back', () => {
    const { screen, written } = terminal(3);
    screen.draw(['one', 'two', 'three', 'four']);
    expect(written[0]).toContain('two');
    expect(written[0]).not.toContain('three');
  });

  it('restores the cursor once', () => {
    const { screen, written } = terminal(24);
    screen.draw(['one']);
    screen.close(true);
    screen.close(true);
    expect(written.filter((text) => text.includes('\x1b[?25h'))).toHaveLength(1);
  });
});
