import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import picocolors from 'picocolors';
import { questionsOn } from '../../../../src/cli/init/questions.ts';

/** The questions, with these lines as answers, and what was written. */
function asked(...answers: string[]) {
  const input = new PassThrough();
  const output = new PassThrough();
  let written = '';
  output.on('data', (chunk: Buffer) => {
    written += chunk.toString();
  });
  for (const answer of answers) input.write(`${answer}\n`);
  input.end();
  return { questions: questionsOn(input, output, picocolors.createColors(false)), written: () => written };
}

const CHOICES = ['a', 'b', 'c'].map((value) => ({ label: `table ${value}`, word: value, value }));

describe('a question', () => {
  it('takes an answer, or its standard', async () => {
    const { questions } = asked('', 'mine');
    expect(await questions.text('Name:', { standard: 'orders' })).toBe('orders');
    expect(await questions.text('Name:', { standard: 'orders' })).toBe('mine');
  });

  it('is asked again until the answer is right, and says what was wrong', async () => {
    const { questions, written } = asked('', 'X', 'x');
    const check = (text: string) => (text === 'x' ? undefined : 'Expected x.');
    expect(await questions.text('Name:', { check })).toBe('x');
    expect(written()).toMatch(/This is needed\..*Expected x\./s);
  });

  it('takes one choice, by number or name', async () => {
    const { questions, written } = asked('', '2', 'c', '4', '1');
    for (const value of ['a', 'b', 'c', 'a']) expect(await questions.choice('Which?', CHOICES)).toBe(value);
    expect(written()).toContain('Type a number from 1 to 3.');
  });

  it('takes several choices, each once', async () => {
    const { questions, written } = asked('1, c 3', 'd', '', '2');
    expect(await questions.choices('Which?', CHOICES)).toEqual(['a', 'c']);
    expect(await questions.choices('Which?', CHOICES)).toEqual(['b']);
    expect(written()).toMatch(/There is no d\..*Choose at least one\./s);
  });

  it('is confirmed by default', async () => {
    const { questions } = asked('', 'N', 'what', 'yes');
    expect(await questions.confirm('Write?')).toBe(true);
    expect(await questions.confirm('Write?')).toBe(false);
    expect(await questions.confirm('Write?')).toBe(true);
  });

  it('ends the command if there are no more answers', async () => {
    const { questions } = asked();
    await expect(questions.text('Name:', {})).rejects.toThrow('Interrupted. Nothing was written.');
  });
});
