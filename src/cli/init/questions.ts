import { createInterface, type Interface } from 'node:readline';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import type { Palette } from '../terminal/palette.ts';

/** Questions to the operator, on a terminal. Enter takes the answer in brackets. */
export interface Questions {
  /** @param check returns what is wrong with an answer; it is then asked again */
  text(question: string, options: TextOptions): Promise<string>;
  /** One of the choices, by number or as it is written. */
  choice<T>(question: string, choices: readonly Choice<T>[], standard?: number): Promise<T>;
  /** Several of them, separated by commas or spaces. */
  choices<T>(question: string, choices: readonly Choice<T>[]): Promise<T[]>;
  confirm(question: string): Promise<boolean>;
  close(): void;
}

interface TextOptions {
  readonly standard?: string | undefined;
  readonly check?: (answer: string) => string | undefined;
}

interface Choice<T> {
  readonly label: string;
  /** What may be typed instead of the number. */
  readonly word?: string;
  readonly value: T;
}

export function questionsOn(
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
  colours: Palette,
): Questions {
  const terminal = createInterface({ input, output });
  const ask = askingOn(terminal);

  async function until<T>(question: string, read: (answer: string) => T | undefined): Promise<T> {
    for (;;) {
      const found = read(await ask(question));
      if (found !== undefined) return found;
    }
  }
  const say = (line: string) => output.write(`${line}\n`);
  const refuse = (why: string): undefined => {
    say(colours.yellow(`  ${why}`));
    return undefined;
  };
  const list = (question: string, choices: readonly Choice<unknown>[]) => {
    say(colours.bold(question));
    for (const [i, { label }] of choices.entries()) say(`  ${String(i + 1).padStart(2)}  ${label}`);
  };
  const find = <T>(choices: readonly Choice<T>[], answer: string): Choice<T> | undefined =>
    choices.find(({ word }) => word === answer) ??
    (/^\d+$/.test(answer) ? choices[Number(answer) - 1] : undefined);

  return {
    text(question, { standard, check }) {
      const hint = standard === undefined ? '' : colours.dim(` [${standard}]`);
      return until(`${colours.bold(question)}${hint} `, (given) => {
        const answer = given === '' ? (standard ?? '') : given;
        if (answer === '') return refuse('This is needed.');
        const wrong = check?.(answer);
        return wrong === undefined ? answer : refuse(wrong);
      });
    },
    choice(question, choices, standard = 0) {
      list(question, choices);
      return until(`Number${colours.dim(` [${standard + 1}]`)} `, (answer) => {
        const found = answer === '' ? choices[standard] : find(choices, answer);
        return found === undefined ? refuse(`Type a number from 1 to ${choices.length}.`) : found.value;
      });
    },
    choices(question, choices) {
      list(question, choices);
      return until('Numbers or names, e.g. 1,3: ', (answer) => {
        const words = answer.split(/[\s,]+/).filter((word) => word !== '');
        const found = words.map((word) => find(choices, word));
        const unknown = words.find((_, i) => found[i] === undefined);
        if (unknown !== undefined) return refuse(`There is no ${unknown}.`);
        return found.length === 0
          ? refuse('Choose at least one.')
          : [...new Set(found)].map((each) => each!.value);
      });
    },
    async confirm(question) {
      return until(`${colours.bold(question)}${colours.dim(' [Y/n]')} `, (answer) => {
        if (/^(?:|y|yes)$/i.test(answer)) return true;
        return /^(?:n|no)$/i.test(answer) ? false : refuse('Type y or n.');
      });
    },
    close: () => terminal.close(),
  };
}

/** Asks line by line. Lines that arrive before their question, as from a pipe, are kept for it. */
function askingOn(terminal: Interface): (question: string) => Promise<string> {
  const early: string[] = [];
  let waiting: { readonly take: (line: string) => void; readonly end: () => void } | undefined;
  let isClosed = false;
  terminal.on('line', (line) => {
    const { take } = waiting ?? {};
    // At once: the next line may come before the question that it answers.
    waiting = undefined;
    if (take === undefined) early.push(line);
    else take(line);
  });
  terminal.on('close', () => {
    isClosed = true;
    waiting?.end();
  });
  terminal.on('SIGINT', () => terminal.close());
  return async (question) => {
    terminal.setPrompt(question);
    // A pipe may have ended, with answers that are still to be taken.
    if (!isClosed) terminal.prompt();
    const line =
      early.shift() ??
      (await new Promise<string>((resolve, reject) => {
        const end = () => reject(new CommandError(ExitCode.interrupted, 'Interrupted. Nothing was written.'));
        if (isClosed) end();
        else waiting = { take: resolve, end };
      }));
    return line.trim();
  };
}
