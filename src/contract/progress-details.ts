import type { FanOutProgress, Progress } from './refresh.ts';

/** Progress as Markdown, for the Web UI's current details (at most 20,000 bytes). */
export function progressDetails(progress: Progress): string {
  const lines = [
    `**${progress.pipeline}**${progress.run === undefined ? '' : ` · run \`${progress.run}\``}`,
    '',
  ];
  lines.push('| phase | state | seconds |', '|---|---|---|');
  for (const phase of progress.phases) {
    lines.push(`| ${phase.phase} | ${phase.state} | ${phase.seconds ?? ''} |`);
  }
  if (progress.extract !== undefined) lines.push('', ...fanOutDetails('Segments', progress.extract, 'items'));
  if (progress.load !== undefined) lines.push('', ...fanOutDetails('Tables', progress.load, 'rows'));
  if (progress.state === 'waiting') {
    lines.push(
      '',
      '**Waiting for an operator.** Fix the cause. Then send this workflow the update `retrySegment` or `retryTable`',
      '(without an argument: everything that failed), or open the failed child and reset it to its first event, 4.',
    );
  }
  return lines.join('\n');
}

/** Progress in one line, for the memo, which `workflow list` and `describe` show. */
export function progressLine(progress: Progress): string {
  const fan =
    progress.phase === 'extract' ? progress.extract : progress.phase === 'load' ? progress.load : undefined;
  const where = fan === undefined ? progress.phase : `${progress.phase} ${fan.settled}/${fan.total}`;
  const line = `${where}${fan === undefined ? '' : leftBehind(fan)}`;
  return progress.state === 'waiting' ? `waiting for an operator: ${line}` : line;
}

/** The children that block a run: `, 2 failed, 1 external`. */
export function leftBehind(fan: FanOutProgress): string {
  return (['failed', 'external'] as const)
    .filter((state) => fan[state] > 0)
    .map((state) => `, ${fan[state]} ${state}`)
    .join('');
}

function fanOutDetails(title: string, fan: FanOutProgress, unit: string): string[] {
  const counts = (['settled', 'running', 'notStarted', 'external', 'failed'] as const)
    .filter((state) => fan[state] > 0)
    .map((state) => `${fan[state]} ${state === 'notStarted' ? 'not started' : state}`)
    .join(', ');
  const lines = [
    `**${title}**: ${counts || 'none'} of ${fan.total}; ${fan.items} ${unit}, ${fan.bytes} bytes`,
  ];
  if (fan.unfinished.length > 0) {
    lines.push('', '| child | state | why |', '|---|---|---|');
    for (const child of fan.unfinished) {
      lines.push(`| \`${child.workflowId}\` | ${child.state} | ${cell(child.error ?? '')} |`);
    }
  }
  return lines;
}

/** Text that cannot break a Markdown table: the first 250 characters of a failure carry what matters. */
function cell(text: string): string {
  return text.slice(0, 250).replace(/\s+/g, ' ').replaceAll('|', '\\|');
}
