import type { AlertActivities } from '../../contract/alert-activities.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { withErrorClass } from '../runtime/failures.ts';
import { checkSchedule } from './check-schedule.ts';
import { deliverAlert } from './deliver-alert.ts';
import { muteAlerts } from './mute-alerts.ts';
import { routeAlert } from './route-alert.ts';

/** Activities of alerts, on the control queue. */
export function createAlertActivities(deps: Dependencies): AlertActivities {
  return {
    routeAlert: withErrorClass(deps, (input) => routeAlert(deps, input)),
    deliverAlert: withErrorClass(deps, (input) => deliverAlert(deps, input)),
    checkSchedule: withErrorClass(deps, (input) => checkSchedule(deps, input)),
    muteAlerts: withErrorClass(deps, (input) => muteAlerts(deps, input), 'brief'),
  };
}
