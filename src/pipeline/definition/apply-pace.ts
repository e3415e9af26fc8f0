import { durationSeconds } from '../text/durations.ts';
import type { WarehouseDefinition } from './pipeline-definition.ts';

/** The defaults of how changes are applied to a warehouse. */
export const APPLY_DEFAULTS = {
  seconds: 30,
  bytes: 64_000_000,
  refreshAtMostEvery: '6h',
  alertAtLag: '12h',
} as const;

/** How changes are applied to a warehouse. */
export interface ApplyPace {
  /** From the start of one apply to that of the next, if there is something to apply. */
  readonly applySeconds: number;
  /** The most that one apply takes, in bytes of changes as JSON, unless a single checkpoint has more. */
  readonly applyBytes: number;
  /** From one refresh that changes triggered to the next. */
  readonly refreshAtMostEverySeconds: number;
  /** The lag that operators should hear of. */
  readonly alertAtLagSeconds: number;
}

/** The pace that a warehouse asks for. */
export const applyPace = ({
  applySeconds = APPLY_DEFAULTS.seconds,
  applyBytes = APPLY_DEFAULTS.bytes,
  refreshAtMostEvery = APPLY_DEFAULTS.refreshAtMostEvery,
  alertAtLag,
}: Pick<
  WarehouseDefinition,
  'applySeconds' | 'applyBytes' | 'refreshAtMostEvery' | 'alertAtLag'
>): ApplyPace => ({
  applySeconds,
  applyBytes,
  refreshAtMostEverySeconds: durationSeconds(refreshAtMostEvery) as number,
  alertAtLagSeconds: alertAtLagSeconds(alertAtLag),
});

/** The lag of a destination, of either kind, that operators should hear of. */
export const alertAtLagSeconds = (alertAtLag: string = APPLY_DEFAULTS.alertAtLag): number =>
  durationSeconds(alertAtLag) as number;
