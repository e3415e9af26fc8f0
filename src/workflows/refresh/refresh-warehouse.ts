import {
  patched,
  proxyActivities,
  upsertMemo,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { progressDetails, progressLine } from '../../contract/progress-details.ts';
import type { Phase, RefreshInput, RefreshResult } from '../../contract/refresh.ts';
import type { ControlActivities, SealedRun } from '../../contract/refresh-activities.ts';
import { resumeOptions } from '../../contract/run-situation.ts';
import { swapNotes } from '../../contract/swap-notes.ts';
import { showDetails } from '../as-typed.ts';
import { cancellingEarlierChildren } from '../fan-out/earlier-children.ts';
import { GaveUp } from '../fan-out/supervise.ts';
import { WorkWatch } from '../fan-out/watch-work.ts';
import { refuseUnknownInput } from '../known-input.ts';
import { RunLineage } from '../lineage/run-lineage.ts';
import { profiles } from '../profiles.ts';
import { searchAttributes } from '../search-attributes.ts';
import { terminalFailure } from '../terminal-failure.ts';
import { cleaningUp, droppingIfPossible } from './after-swap.ts';
import { CatchUp, ColumnsNeeded } from './catch-up.ts';
import { checkSupervisor } from './check-supervisor.ts';
import { segmentSupervisor, tableSupervisor } from './refresh-children.ts';
import { handleMessages } from './refresh-handlers.ts';
import { RunAlerts } from './run-alerts.ts';
import { configFile, explainingRunFailure } from './run-failure.ts';
import { RunProgress } from './run-progress.ts';
import { RunReport } from './run-report.ts';
import { type RunInTurn, runInstead, untilColumnsFit } from './runs-in-turn.ts';
import { wantedPhases } from './wanted-phases.ts';

const short = proxyActivities<ControlActivities>(profiles.short);
const sealing = proxyActivities<ControlActivities>(profiles.seal);
const statements = proxyActivities<ControlActivities>(profiles.statements);

/** Staging schemas to try before an operator must act. A second one is needed only if a ledger disagrees with its table. */
const MAX_GENERATIONS = 3;

/**
 * Copies a DynamoDB table into the warehouse. `from` and `to` start and stop it at any phase. It never replaces live
 * with data that it has not verified itself.
 *
 * 1. plan: name the run and write `plan.json`; or find the earlier run that `from` continues.
 * 2. extract: one child per segment. If one fails, the others continue, and then the run waits.
 * 3. seal: merge what the segments observed and wrote into `manifest.json`.
 * 4. prepare: create a staging schema for this run alone.
 * 5. load: one child per table. A staging schema whose ledger disagrees with its tables is abandoned for a new one.
 * 6. verify: compare staging with the observations, then run the pipeline's checks. If one fails, the run waits.
 * 7. replace: if the pipeline follows changes, bring staging up to live; swap it in, in one transaction; then drop old
 *    backups.
 *
 * If changes need columns of other types than staging has, another run over the same part files takes its place, from 1 on.
 *
 * A report is written however the run ends, and when it begins to wait for an operator. Alerts are sent by workflows of
 * their own, so that none of them delays or fails the run.
 */
export async function refreshWarehouse(input: RefreshInput): Promise<RefreshResult> {
  refuseUnknownInput(input, {
    pipeline: true,
    destination: true,
    definition: true,
    run: true,
    from: true,
    to: true,
    replay: true,
    reuse: true,
    preferReuse: true,
    segments: true,
    older: true,
    acceptDrift: true,
  });
  const wanted = wantedPhases(input);
  // Staging's marker proves that it was prepared, not that it was loaded or verified.
  if (wanted[0] === 'replace' && patched('verify-before-replace')) wanted.unshift('verify');
  return untilColumnsFit(input, wanted, oneRun);
}

/** @returns what takes its place, if changes need other columns than it has */
function oneRun(turn: RunInTurn): Promise<RefreshResult | RunInTurn> {
  const { input, wanted, origin } = turn;
  const progress = new RunProgress(input.pipeline, wanted);
  progress.origin = origin;
  const options = resumeOptions(input, configFile());
  const report = new RunReport(options);
  const alerts = new RunAlerts({ input, progress, options });
  const lineage = new RunLineage();
  const watch = new WorkWatch();
  return explainingRunFailure({ progress, report, alerts, lineage, options, input }, () =>
    report.reportingFailure(() =>
      watch.during(() =>
        cancellingEarlierChildren(() => refresh(turn, { progress, report, alerts, lineage, options, watch })),
      ),
    ),
  );
}

async function refresh(
  turn: RunInTurn,
  {
    progress,
    report,
    alerts,
    lineage,
    options,
    watch,
  }: {
    readonly progress: RunProgress;
    readonly report: RunReport;
    readonly alerts: RunAlerts;
    readonly lineage: RunLineage;
    readonly options: readonly string[];
    readonly watch: WorkWatch;
  },
): Promise<RefreshResult | RunInTurn> {
  const { input, wanted, nth } = turn;
  const fanOuts = handleMessages(progress);
  const catchUp = new CatchUp((now) => {
    progress.catchUp = now;
    show();
  });

  const show = () => {
    const now = progress.snapshot();
    const page = now.state === 'running' ? undefined : report.page;
    showDetails(progressDetails(now, { options, report: page }));
  };
  // Runs that began under 0.1.0 prepare in two steps, and set their search attributes even if they are the same.
  const hasFewerSteps = patched('fewer-steps');
  let searchable = false;
  let listedAs = '';
  let { destination } = input;
  const remember = () => {
    const now = progress.snapshot();
    upsertMemo({
      tributary: progressLine(now),
      pipeline: now.pipeline,
      ...(destination === undefined ? {} : { destination }),
      ...(now.run === undefined ? {} : { run: now.run }),
    });
    const attributes = searchAttributes(now);
    const listed = JSON.stringify(attributes);
    if (!searchable || (hasFewerSteps && listed === listedAs)) return;
    listedAs = listed;
    upsertSearchAttributes(attributes);
  };
  const phase = async <T>(name: Phase, work: () => Promise<T>): Promise<T> => {
    progress.begin(name, Date.now());
    show();
    remember();
    const result = await work();
    progress.end(name, Date.now());
    show();
    return result;
  };
  let shown = progress.snapshot().state;
  const changed = (failureRecorded: boolean) => {
    show();
    const { state } = progress.snapshot();
    if (failureRecorded || state !== shown) remember();
    if (state === 'waiting' && state !== shown) {
      report.waiting();
      alerts.waiting();
    }
    shown = state;
  };

  watch.begin(
    () => progress.snapshot().state !== 'running',
    (now) => {
      progress.saw(now);
      show();
    },
  );

  // 1
  const overview = wanted.includes('plan')
    ? await phase('plan', () =>
        short.planRun({ request: input, owner: owner(), startedAt: workflowInfo().startTime.toISOString() }),
      )
    : await short.openRun({ request: input });
  const { ref, warehouse } = overview;
  searchable = overview.searchable;
  destination = ref.destination ?? destination;
  progress.named(ref.run);
  progress.origin ??= overview.origin;
  progress.knownItems = overview.knownItems;
  report.about(ref, progress);
  if (progress.origin !== undefined) report.note(progress.origin);
  alerts.about(overview);
  lineage.about(overview);
  if (overview.follows !== undefined) await catchUp.start(ref.pipeline, overview.follows);
  let sealed: SealedRun | undefined = overview.sealed;
  progress.dictionaries = sealed?.dictionaries ?? overview.dictionaries;
  let stagingSchema: string | undefined;

  // 2
  if (wanted.includes('extract')) {
    const segments = segmentSupervisor(overview);
    fanOuts.segments.begin({ supervisor: segments, of: ref.run });
    progress.extract = segments.fanOut;
    await phase('extract', () => segments.run(changed));
  }
  // 3
  if (wanted.includes('seal')) {
    sealed = await phase('seal', () => sealing.sealRun({ ref, acceptDrift: input.acceptDrift ?? false }));
    progress.dictionaries = sealed.dictionaries;
    await alerts.sealed(sealed);
  }
  const toLoad = () => {
    if (sealed === undefined) {
      throw terminalFailure(
        'RunNotSealed',
        `Run ${ref.run} is not sealed, so there is nothing to ${wanted[0]}. Start it from extract or seal.`,
      );
    }
    return sealed.tables;
  };
  const stagingToUse = async () => {
    stagingSchema ??= await short.findStaging({ ref, warehouse });
    return stagingSchema;
  };
  // 4 and 5
  for (let generation = 1; wanted.includes('prepare') || wanted.includes('load'); generation++) {
    toLoad();
    if (wanted.includes('prepare') || generation > 1) {
      stagingSchema = await phase('prepare', async () => {
        if (hasFewerSteps) return statements.prepareStaging({ ref, warehouse });
        const name = await short.nextStaging({ ref, warehouse });
        await statements.createStaging({ ref, warehouse, stagingSchema: name });
        return name;
      });
    }
    if (!wanted.includes('load')) break;
    const staging = await stagingToUse();
    const tables = tableSupervisor(overview, staging, toLoad(), input.definition === undefined, nth > 1);
    fanOuts.tables.begin({
      supervisor: tables,
      of: ref.run,
      // What was loaded into an abandoned staging schema does not count for this one.
      concerns: ({ stagingSchema: loaded = staging }) => loaded === staging,
    });
    progress.load = tables.fanOut;
    progress.knownRows = toLoad().reduce((sum, { rows }) => sum + rows, 0);
    try {
      await phase('load', () => tables.run(changed, 'StagingDisagrees'));
      break;
    } catch (error) {
      if (!(error instanceof GaveUp)) throw error;
      if (generation === MAX_GENERATIONS) throw terminalFailure('StagingDisagrees', error.message);
    }
  }
  // 6
  if (wanted.includes('verify')) {
    toLoad();
    const staging = await stagingToUse();
    await phase('verify', async () => {
      const on = { ref, warehouse, stagingSchema: staging };
      await statements.verifyStaging(on);
      if (overview.checks === undefined) return;
      const checks = checkSupervisor(overview.checks, on, input, (result) => progress.checkEnded(result));
      fanOuts.checks = checks;
      progress.checks = checks.fanOut;
      await checks.run(changed);
      alerts.checked(staging, progress.checked ?? []);
    });
  }
  // 7
  if (wanted.includes('replace')) {
    toLoad();
    const staging = await stagingToUse();
    const on = { ref, warehouse, stagingSchema: staging };
    const replace = async () => {
      const older = input.older ?? false;
      const swap = () => statements.replaceLive({ ...on, older });
      // Older data is not brought up to date: it is what the operator wants back.
      const { follows } = overview;
      const swapped =
        follows === undefined || older ? await swap() : await catchUp.thenSwap(on, follows, swap);
      for (const note of swapNotes(swapped)) report.note(note);
      const { refused } = await cleaningUp(on, () => statements.tidyWarehouse(on));
      for (const kept of refused) report.note(`An old schema could not be dropped: ${kept}`);
    };
    try {
      await phase('replace', replace);
    } catch (error) {
      if (!(error instanceof ColumnsNeeded)) throw error;
      const next = runInstead(turn, on, error.message);
      report.note(next.origin);
      await report.completed({ status: 'verify' });
      await lineage.ended('ABORT', { replaced: false });
      // They take as much room as the next ones.
      await droppingIfPossible(() => statements.tidyWarehouse(on));
      return next;
    }
  }

  const status = wanted.includes('replace') ? 'replaced' : (wanted.at(-1) as Phase);
  progress.finish(status);
  const result: RefreshResult = {
    run: ref.run,
    status,
    tables: sealed?.tables ?? [],
    items: sealed?.items ?? progress.extract?.progress().items ?? 0,
    rejects: sealed?.rejects ?? 0,
    ...(sealed?.filtered === undefined ? {} : { filtered: sealed.filtered }),
    ...(sealed === undefined ? {} : { drift: sealed.drift }),
    ...(progress.checked === undefined ? {} : { checks: progress.checked }),
    ...(progress.dictionaries === undefined ? {} : { dictionaries: progress.dictionaries }),
    ...(sealed?.notes === undefined ? {} : { notes: sealed.notes }),
    seconds: report.seconds,
  };
  await report.completed(result);
  await alerts.completed(status);
  await lineage.ended('COMPLETE', { replaced: status === 'replaced' });
  remember();
  show();
  return result;
}

function owner() {
  const { workflowId, firstExecutionRunId } = workflowInfo();
  return { workflowId, firstExecutionRunId };
}
