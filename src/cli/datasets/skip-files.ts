import { batchResult, intakePlan } from '../../store/datasets/dataset-documents.ts';
import { leaveOut } from '../../store/datasets/taken-index.ts';
import { findDocument } from '../../store/document.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { TRIBUTARY, WITH_CONFIG } from '../terminal/invocation.ts';
import { counted } from '../terminal/measures.ts';
import { datasetHere, placeWithoutTemporal } from './datasets-here.ts';

export interface SkipFilesOptions {
  readonly intake: number;
  readonly batch: number;
  readonly json?: boolean;
  readonly config?: string;
}

/** `tributary dataset skip`: leaves out the files of a parked batch, which each run would try again. */
export async function skipFiles(name: string, options: SkipFilesOptions): Promise<ExitCode> {
  const { intake, batch, json = false, config } = options;
  const place = placeWithoutTemporal(await datasetHere(name, config), config);
  const { signal } = new AbortController();
  const plan = await findDocument(intakePlan(place.files, intake), signal);
  const found = plan?.batches.find(({ number }) => number === batch);
  const result = await findDocument(batchResult(place.files, intake, batch), signal);
  if (found === undefined || result?.parked === undefined)
    throw new CommandError(
      ExitCode.usage,
      found === undefined
        ? `${name} has no batch ${batch} of intake ${intake}. See ${TRIBUTARY} dataset status ${name}${WITH_CONFIG}`
        : `Batch ${batch} of intake ${intake} is not parked.`,
    );
  const skipped = await leaveOut(place, found.files, signal);
  process.stdout.write(
    json
      ? `${JSON.stringify({ dataset: name, skipped })}\n`
      : `Left out: ${counted(skipped, 'file')}. If one is overwritten, or the index is set back, a run takes it.\n`,
  );
  return ExitCode.done;
}
