/** The message of whatever was thrown. An error of another realm, as in a test or a workflow, counts as one. */
export const messageOf = (error: unknown): string => (Error.isError(error) ? error.message : String(error));
