import { z } from 'zod';
import { SqsError } from './sqs-error.ts';

/** The entries of a batch; each is checked on its own. */
export const Entries = z.array(z.looseObject({ Id: z.string() }));

interface BatchAnswer {
  readonly Successful: object[];
  readonly Failed: object[];
}

/**
 * Performs each entry of a batch. One that fails is reported, and the others are not affected.
 * @throws SqsError if the batch as a whole is not valid
 */
export function eachEntry(
  entries: z.output<typeof Entries>,
  perform: (parameters: Record<string, unknown>) => object,
): BatchAnswer {
  if (entries.length === 0)
    throw new SqsError('EmptyBatchRequest', 'There should be at least one entry in the request.');
  if (entries.length > 10)
    throw new SqsError(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are 10. You have sent ${entries.length}.`,
    );
  for (const [index, { Id }] of entries.entries()) {
    if (!/^[\w-]{1,80}$/.test(Id))
      throw new SqsError(
        'InvalidBatchEntryId',
        'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
      );
    if (entries.findIndex((each) => each.Id === Id) !== index)
      throw new SqsError('BatchEntryIdsNotDistinct', `Id ${Id} repeated.`);
  }
  const answer: BatchAnswer = { Successful: [], Failed: [] };
  for (const { Id, ...parameters } of entries) {
    try {
      answer.Successful.push({ Id, ...perform(parameters) });
    } catch (error) {
      if (!(error instanceof SqsError)) throw error;
      answer.Failed.push({ Id, SenderFault: true, Code: error.olderCode, Message: error.message });
    }
  }
  return answer;
}
