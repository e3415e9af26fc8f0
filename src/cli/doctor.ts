import type { Client } from '@temporalio/client';
import { ConfigError } from '../config/config-error.ts';
import { configPath, readConfig } from '../config/read-config.ts';
import type {
  Check,
  CheckPipelineResult,
  Leftover,
  RemoveLeftoversResult,
} from '../workflows/care-messages.ts';
import { checkTemporal, checkWorkers } from './check-temporal.ts';
import { withTemporal } from './command-context.ts';
import { askToRemove } from './confirm.ts';
import { CommandError, ExitCode } from './exit-code.ts';
import { counted } from './measures.ts';
import { type Palette, paletteFor } from './palette.ts';
import { begin, resultOf } from './perform.ts';
import { pipelineInput } from './pipeline-of.ts';
import { newRunName } from './run-name.ts';
import { textTable } from './text-table.ts';

export interface DoctorOptions {
  readonly pipeline?: string;
  readonly fix?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
  readonly config?: string;
}

/** A check, and whose it is where it is not everybody's. */
type Told = Check & { readonly pipeline?: string };

interface Examined {
  readonly checks: readonly Told[];
  readonly leftovers: readonly (Leftover & { readonly pipeline: string })[];
  readonly removed: readonly string[];
  readonly kept: readonly string[];
}

/** Checks what can be checked from here, has a worker check the services, and removes what is left behind if asked to. */
export async function doctor(options: DoctorOptions): Promise<ExitCode> {
  const checks: Told[] = [];
  const { pipelines, check } = await configured(options);
  checks.push(check);
  let examined: Examined = { checks, leftovers: [], removed: [], kept: [] };
  try {
    examined = await withTemporal(options.config, async (client, target) => {
      checks.push(...(await checkTemporal(client, target.address)));
      const workers = await checkWorkers(client);
      checks.push(...workers);
      const canAsk = workers.every(({ state }) => state !== 'problem');
      return canAsk ? await examine(client, pipelines, checks, options) : examined;
    });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    checks.push({ area: 'Temporal', what: 'server', state: 'problem', found: error.message });
  }
  const ok = examined.checks.every(({ state }) => state !== 'problem');
  if (options.json) process.stdout.write(`${JSON.stringify({ ok, ...examined })}\n`);
  else process.stdout.write(`${lines(examined, paletteFor(process.stdout)).join('\n')}\n`);
  return ok ? ExitCode.done : ExitCode.failed;
}

async function configured({
  config,
  pipeline,
}: DoctorOptions): Promise<{ pipelines: string[]; check: Check }> {
  const file = configPath(config);
  const area = 'configuration';
  const asked = pipeline === undefined ? [] : [pipeline];
  try {
    const names = Object.keys((await readConfig(file)).pipelines);
    const found = `${file}: ${counted(names.length, 'pipeline')}, no mistakes`;
    return {
      pipelines: pipeline === undefined ? names : asked,
      check: { area, what: 'file', state: 'ok', found },
    };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const missing = error.code === 'ConfigNotFound' && config === undefined;
    return {
      pipelines: asked,
      check: {
        area,
        what: 'file',
        state: missing ? 'warning' : 'problem',
        found: error.message,
        ...(missing ? { whatToDo: "The worker's file decides; name its pipelines with --pipeline." } : {}),
      },
    };
  }
}

async function examine(
  client: Client,
  pipelines: readonly string[],
  checks: readonly Told[],
  options: DoctorOptions,
): Promise<Examined> {
  const asked = await Promise.all(
    pipelines.map(async (pipeline) => {
      const input = await pipelineInput(pipeline, options.config);
      const workflowId = `check-${pipeline}-${newRunName()}`;
      await begin(client, { type: 'checkPipeline', workflowId, input, summary: `check ${pipeline}` });
      return resultOf<CheckPipelineResult>(client, workflowId);
    }),
  );
  const all = [
    ...checks,
    ...asked.flatMap(({ pipeline, checks: some }) => some.map((check) => ({ pipeline, ...check }))),
  ];
  const leftovers = asked.flatMap(({ pipeline, leftovers: some }) =>
    some.map((each) => ({ pipeline, ...each })),
  );
  const removed: string[] = [];
  const kept: string[] = [];
  if (options.fix && leftovers.length > 0 && (await askToRemove(leftovers, options.yes ?? false))) {
    for (const { pipeline, leftovers: some } of asked) {
      if (some.length === 0) continue;
      const input = { ...(await pipelineInput(pipeline, options.config)), leftovers: some };
      const workflowId = `remove-leftovers-${pipeline}-${newRunName()}`;
      await begin(client, { type: 'removeLeftovers', workflowId, input, summary: `tidy up ${pipeline}` });
      const result = await resultOf<RemoveLeftoversResult>(client, workflowId);
      removed.push(...result.removed);
      kept.push(...result.kept);
    }
  }
  return { checks: all, leftovers, removed, kept };
}

const SIGNS: Readonly<Record<Check['state'], (colours: Palette) => string>> = {
  ok: (colours) => colours.green('✓'),
  warning: (colours) => colours.yellow('!'),
  problem: (colours) => colours.red('✗'),
  unknown: (colours) => colours.dim('?'),
};

function lines({ checks, removed, kept }: Examined, colours: Palette): string[] {
  const groups = new Map<string, Told[]>();
  for (const check of checks) {
    const group = check.pipeline === undefined ? 'Here' : `Pipeline ${check.pipeline}`;
    groups.set(group, [...(groups.get(group) ?? []), check]);
  }
  const told = [...groups].flatMap(([group, some]) => {
    const table = textTable(
      [{ title: '' }, { title: '' }, { title: '' }, { title: '' }],
      some.map(({ state, area, what, found }) => [SIGNS[state](colours), area, what, found.split('\n')[0]!]),
    );
    return [
      colours.bold(group),
      ...table.flatMap((line, i) => [line, ...more(some[i]!).map((text) => `    ${text}`)]),
      '',
    ];
  });
  const count = (state: Check['state']) => checks.filter((check) => check.state === state).length;
  const problems = count('problem');
  const end = `${counted(problems, 'problem')}, ${counted(count('warning'), 'warning')}`;
  return [
    ...told,
    ...removed.map((what) => `removed ${what}`),
    ...kept.map((what) => `kept ${what}`),
    problems === 0 ? colours.green(end) : colours.red(end),
  ];
}

const more = ({ found, whatToDo }: Told): string[] => [
  ...found.split('\n').slice(1),
  ...(whatToDo === undefined ? [] : [`→ ${whatToDo}`]),
];
