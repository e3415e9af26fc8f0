import { defineSearchAttributeKey, type SearchAttributeUpdatePair } from '@temporalio/common';
import type { ApplyProgress, FollowProgress } from '../contract/changes/changes.ts';
import type { LoaderProgress } from '../contract/loader/loader.ts';
import { type Progress, SEARCH_ATTRIBUTES } from '../contract/refresh.ts';

const [PIPELINE, RUN, STATE] = SEARCH_ATTRIBUTES.map((name) => defineSearchAttributeKey(name, 'KEYWORD'));

/** Search attributes of a loader. `TributaryState` is running, idle, paused, or waiting: a batch is parked and nothing runs. */
export function loaderSearchAttributes({
  loaders,
  state,
  parkedTotal,
}: Pick<LoaderProgress, 'loaders' | 'state' | 'parkedTotal'>): SearchAttributeUpdatePair[] {
  return [
    { key: PIPELINE, value: loaders[0] ?? null },
    { key: STATE, value: state === 'idle' && parkedTotal > 0 ? 'waiting' : state },
  ] as SearchAttributeUpdatePair[];
}

/** Search attributes of a table that is followed. `TributaryState` is running, paused, or waiting: for an operator or a refresh. */
export function followSearchAttributes({
  pipeline,
  state,
}: Pick<FollowProgress, 'pipeline' | 'state'>): SearchAttributeUpdatePair[] {
  return [
    { key: PIPELINE, value: pipeline },
    { key: STATE, value: state === 'following' ? 'running' : state === 'paused' ? state : 'waiting' },
  ] as SearchAttributeUpdatePair[];
}

/** Search attributes of a destination of changes. `TributaryState` is running, paused, or waiting: for an operator or a refresh. */
export function applySearchAttributes({
  pipeline,
  state,
}: Pick<ApplyProgress, 'pipeline' | 'state'>): SearchAttributeUpdatePair[] {
  const isWaiting = state === 'blocked' || state === 'waiting for a refresh';
  return [
    { key: PIPELINE, value: pipeline },
    { key: STATE, value: isWaiting ? 'waiting' : state === 'paused' ? state : 'running' },
  ] as SearchAttributeUpdatePair[];
}

/** Search attributes of a run, or of an inference under its name. `TributaryState` is running, waiting (for an operator) or completed. */
export function searchAttributes({
  pipeline,
  run,
  state,
}: Pick<Progress, 'pipeline' | 'state'> & { readonly run?: string }): SearchAttributeUpdatePair[] {
  return [
    { key: PIPELINE, value: pipeline },
    { key: RUN, value: run ?? null },
    { key: STATE, value: state },
  ] as SearchAttributeUpdatePair[];
}
