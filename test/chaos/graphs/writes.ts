import type { Call } from '../../../local/fault-proxy/http-fault-proxy.ts';
import type { Service } from '../../../local/fault-proxy/services.ts';

/** Whether a call changes what readers or later runs see. */
export function isWrite(service: Service, { operation }: Call): boolean {
  switch (service) {
    case 's3':
      return /^(?:Put|Delete)/.test(operation);
    case 'glue':
      return !operation.startsWith('Get');
    case 'redshift-data':
      return /ExecuteStatement$/.test(operation);
    case 'dynamodb':
    case 'sqs':
      return false;
  }
}
