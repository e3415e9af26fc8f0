import type { TestAlertsInput, TestAlertsResult } from '../../contract/alerts.ts';
import { didYouMean } from '../../pipeline/text/nearest.ts';
import { withTemporal } from '../temporal/command-context.ts';
import { perform } from '../temporal/perform.ts';
import { refuseUnknownPipeline } from '../temporal/pipeline-of.ts';
import { newRunName } from '../temporal/run-name.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { paletteFor } from '../terminal/palette.ts';
import { otherPlaceHere } from './mute-alerts.ts';

export interface TestOptions {
  readonly destination?: string;
  readonly json?: boolean;
  readonly config?: string;
}

/** Has a worker send a test alert, and prints what each destination answered. */
export async function testAlerts(pipeline: string, options: TestOptions): Promise<ExitCode> {
  const { destination, json, config } = options;
  if ((await otherPlaceHere(pipeline, config)) === undefined) await refuseUnknownPipeline(pipeline, config);
  const input: TestAlertsInput = { pipeline, ...(destination === undefined ? {} : { destination }) };
  const { id, known, results } = await withTemporal(config, (client) =>
    perform<TestAlertsResult, TestAlertsInput>(
      client,
      {
        type: 'testAlerts',
        workflowId: `test-alerts-${pipeline}-${newRunName()}`,
        input,
        summary: `test the alerts of ${pipeline}`,
      },
      { readOnly: true },
    ),
  );
  if (known.length === 0) {
    throw new CommandError(
      ExitCode.usage,
      "The worker's configuration has no destinations of alerts. Add the block alerts: see docs/alerts.md.",
    );
  }
  if (results.length === 0) {
    throw new CommandError(
      ExitCode.usage,
      `The worker's configuration has no destination ${destination}${didYouMean(String(destination), known)}. ` +
        `It has: ${known.join(', ')}.`,
    );
  }
  const { green, red, dim } = paletteFor(process.stdout);
  const lines = json
    ? [JSON.stringify({ id, results })]
    : [
        ...results.map(({ destination: to, error }) =>
          error === undefined ? `${green('✓')} ${to}` : `${red('✗')} ${to}: ${error}`,
        ),
        dim(`alert ${id}`),
      ];
  process.stdout.write(`${lines.join('\n')}\n`);
  return results.some(({ error }) => error !== undefined) ? ExitCode.failed : ExitCode.done;
}
