import { DefaultFailureConverter } from '@temporalio/common';

/**
 * Puts messages and stacks of failures into payloads, so that the codecs of a data converter encrypt them as well. It is
 * also bundled with the workflows.
 */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
