import { LineCounter, parseDocument } from 'yaml';
import { StepChecks } from '../../pipeline/datasets/checks-setting.ts';
import { ConfigError } from '../config-error.ts';
import { offsetOf } from '../document-positions.ts';

/**
 * Parses a file of checks: a map as `checks` has it.
 * @param file its name in messages
 * @throws ConfigError `ConfigInvalid` with every problem, one per line: `file:line:column path: what`
 */
export function checksOfFile(text: string, file: string): StepChecks {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: true, prettyErrors: false });
  const at = (offset: number, message: string) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col} ${message}`;
  };
  const broken = [...document.errors, ...document.warnings].map(({ pos, message }) => at(pos[0], message));
  if (broken.length > 0) throw new ConfigError('ConfigInvalid', broken.join('\n'));
  const parsed = StepChecks.safeParse(document.toJS() ?? {});
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, code, message }) => {
    const steps = path.map((step) => (typeof step === 'number' ? step : String(step)));
    const what = code === 'custom' || code === 'invalid_format' ? `expected ${message}` : message;
    return at(offsetOf(document, steps, 'value'), `${steps.join('.')}: ${what}`);
  });
  throw new ConfigError('ConfigInvalid', problems.join('\n'));
}
