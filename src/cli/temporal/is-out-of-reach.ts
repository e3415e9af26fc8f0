import { isGrpcServiceError, ServiceError } from '@temporalio/client';

/** Whether Temporal did not answer, as opposed to answering with an error. */
export const isOutOfReach = (error: unknown): boolean =>
  isGrpcServiceError(error) || error instanceof ServiceError;
