import { defineRecords } from '@tributary-data/tributary';
import { clientOf, clientVersionOf } from './client.ts';
import { entityIdOf, methodSignatureOf } from './request-url.ts';

/** A record as the services write it, as far as functions read it. */
export interface AccessRecord {
  readonly payload?: {
    readonly method?: string | null;
    readonly requestURL?: string | null;
    readonly userAgent?: string | null;
  };
}

const agentOf = ({ payload }: AccessRecord) => payload?.userAgent ?? null;
const urlOf = ({ payload }: AccessRecord) => payload?.requestURL ?? null;

export default defineRecords({
  session_id: { type: 'string', comment: 'The id of the request, unique.', from: 'payload.sessionId' },
  timestamp: {
    type: 'timestamp',
    comment: 'When the request was received, in UTC.',
    from: 'payload.timestamp',
    epoch: 'ms',
  },
  user_id: { type: 'bigint', comment: 'The id of the user.', from: 'payload.userId' },
  method: { type: 'string', comment: 'The HTTP method.', from: 'payload.method' },
  request_url: { type: 'string', comment: 'The path of the request.', from: 'payload.requestURL' },
  user_agent: { type: 'string', comment: 'The header User-Agent.', from: 'payload.userAgent' },
  host: { type: 'string', comment: 'The header Host.', from: 'payload.host' },
  origin: { type: 'string', comment: 'The header Origin.', from: 'payload.origin' },
  x_forwarded_for: {
    type: 'string',
    comment: 'The header X-Forwarded-For: the addresses of the client and of proxies.',
    // Newer producers write the second name.
    from: ['payload.xforwardedFor', 'payload.xForwardedFor'],
  },
  via: { type: 'string', comment: 'The header Via.', from: 'payload.via' },
  thread_id: { type: 'bigint', comment: 'The thread that served the request.', from: 'payload.threadId' },
  elapse_ms: { type: 'bigint', comment: 'How long it took, in milliseconds.', from: 'payload.elapseMS' },
  success: { type: 'boolean', comment: 'Whether the response was a success.', from: 'payload.success' },
  stack: { type: 'string', comment: 'The stack of the service, e.g. prod.', from: 'stack' },
  instance: {
    type: 'string',
    comment: 'The instance of the stack, without leading zeros.',
    from: 'instance',
    convert: (value) => (typeof value === 'string' ? value : JSON.stringify(value)).replace(/^0+/, ''),
  },
  vm_id: { type: 'string', comment: 'The virtual machine that served the request.', from: 'payload.vmId' },
  return_object_id: {
    type: 'string',
    comment: 'The id of the object that was returned.',
    from: 'payload.returnObjectId',
  },
  query_string: { type: 'string', comment: 'The query of the request.', from: 'payload.queryString' },
  response_status: { type: 'bigint', comment: 'The HTTP status.', from: 'payload.responseStatus' },
  oauth_client_id: {
    type: 'string',
    comment: 'The OAuth client that the request was made with.',
    from: 'payload.oauthClientId',
  },
  basic_auth_username: {
    type: 'string',
    comment: 'The user name of basic authentication.',
    from: 'payload.basicAuthUsername',
  },
  auth_method: {
    type: 'string',
    comment: 'How the request was authenticated.',
    from: 'payload.authenticationMethod',
  },
  normalized_method_signature: {
    type: 'string',
    comment: 'Method and path, with # for ids; INVALID URL for a path without a version.',
    compute: (record: AccessRecord) => methodSignatureOf(record.payload?.method ?? null, urlOf(record)),
  },
  client: {
    type: 'string',
    comment: 'The kind of client, by its user agent: WEB, PYTHON, R, JAVA and others.',
    compute: (record: AccessRecord) => clientOf(agentOf(record)),
  },
  client_version: {
    type: 'string',
    comment: 'The version of the client.',
    compute: (record: AccessRecord) => clientVersionOf(clientOf(agentOf(record)), agentOf(record)),
  },
  entity_id: {
    type: 'bigint',
    comment: 'The entity that the path names first, as a number.',
    compute: (record: AccessRecord) => entityIdOf(urlOf(record)),
  },
  record_date: {
    type: 'date',
    comment: 'The day of timestamp in UTC: the partition.',
    from: 'payload.timestamp',
    epoch: 'ms',
  },
});
