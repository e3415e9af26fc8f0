import { quickProfiles } from './profiles.ts';

export { intervals } from './profiles.ts';

/** For a machine that is busy: a worker that lives must not be taken for a dead one. */
export const profiles = quickProfiles('8s');
