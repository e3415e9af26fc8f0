import type { IncomingHttpHeaders } from 'node:http';

/** The services with an HTTP API. For Temporal's gRPC see `tcp-fault-proxy.ts`. */
export type Service = 'dynamodb' | 's3' | 'sqs' | 'glue' | 'redshift-data';

/** An answer made up by the proxy. */
export interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * The operation of a request, as its service names it: `Scan`, `BatchExecuteStatement`, `PutObject`.
 * S3 has no header for it: the operation follows from method and URL.
 */
export function operationOf(method: string, url: string, headers: IncomingHttpHeaders): string {
  const target = headers['x-amz-target'];
  if (typeof target === 'string') return target.slice(target.lastIndexOf('.') + 1);
  const { pathname, searchParams } = new URL(url, 'http://service');
  const inBucket = pathname.split('/').filter((part) => part !== '').length <= 1;
  if (method === 'POST' && searchParams.has('delete')) return 'DeleteObjects';
  if (method === 'GET') return inBucket ? 'ListObjectsV2' : 'GetObject';
  const what = inBucket ? 'Bucket' : 'Object';
  return `${{ PUT: 'Put', HEAD: 'Head', DELETE: 'Delete' }[method] ?? method}${what}`;
}

/** The service's own error for a request rate that is too high. */
export function throttled(service: Service, operation: string): Refusal {
  switch (service) {
    case 's3':
      return s3Refusal(503, 'SlowDown', 'Please reduce your request rate.');
    case 'dynamodb':
      return operation === 'Scan'
        ? jsonRefusal(service, 400, 'ProvisionedThroughputExceededException', 'Rate exceeded for the table')
        : jsonRefusal(service, 400, 'ThrottlingException', 'Rate of requests exceeded');
    case 'sqs':
      return jsonRefusal(service, 400, 'RequestThrottled', 'Rate exceeded');
    case 'glue':
    case 'redshift-data':
      return jsonRefusal(service, 400, 'ThrottlingException', 'Rate exceeded');
  }
}

/** The service's own internal error. */
export function serverError(service: Service): Refusal {
  switch (service) {
    case 's3':
      return s3Refusal(500, 'InternalError', 'We encountered an internal error. Please try again.');
    case 'dynamodb':
      return jsonRefusal(service, 500, 'InternalServerError', 'Internal server error');
    case 'sqs':
      return jsonRefusal(service, 500, 'InternalFailure', 'Internal failure');
    case 'glue':
      return jsonRefusal(service, 500, 'InternalServiceException', 'Internal service error');
    case 'redshift-data':
      return jsonRefusal(service, 500, 'InternalServerException', 'Internal server error');
  }
}

/** The identity lacks the permission. Retries do not help. */
export function accessDenied(service: Service): Refusal {
  return service === 's3'
    ? s3Refusal(403, 'AccessDenied', 'Access Denied')
    : jsonRefusal(service, 400, 'AccessDeniedException', 'User is not authorized to perform this action');
}

/** What precedes the name of an error. */
const NAMESPACE: Readonly<Record<Service, string>> = {
  dynamodb: 'com.amazonaws.dynamodb.v20120810#',
  s3: '',
  sqs: 'com.amazonaws.sqs#',
  glue: '',
  'redshift-data': '',
};

function jsonRefusal(service: Service, status: number, type: string, message: string): Refusal {
  return {
    status,
    headers: {
      'content-type': `application/x-amz-json-${service === 'redshift-data' || service === 'glue' ? '1.1' : '1.0'}`,
    },
    body: JSON.stringify({ __type: `${NAMESPACE[service]}${type}`, message, Message: message }),
  };
}

function s3Refusal(status: number, code: string, message: string): Refusal {
  return {
    status,
    headers: { 'content-type': 'application/xml' },
    body: `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`,
  };
}
