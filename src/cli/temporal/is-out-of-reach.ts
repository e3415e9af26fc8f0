import { isGrpcServiceError, ServiceError } from '@temporalio/client';

/** Whether Temporal failed to answer, rather than answered something else than was hoped for. */
export const isOutOfReach = (error: unknown): boolean =>
  isGrpcServiceError(error) || error instanceof ServiceError;
