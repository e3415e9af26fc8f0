import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import { Terminal, Transient } from '../../clients/errors.ts';
import type { PipelineDefinition } from '../../pipeline/definition/pipeline-definition.ts';
import { fingerprint } from '../../pipeline/item/fingerprint.ts';
import { requestedExportKey } from '../../pipeline/run/run-directory.ts';
import type { RunRef } from '../../pipeline/run/run-ref.ts';
import { anyWriter, claim } from '../../store/claim.ts';
import { findDocument } from '../../store/document.ts';
import type { Dependencies } from '../runtime/dependencies.ts';

/** `export.json`: written once the export is requested, so that every attempt waits for the same one. */
const RequestedExport = z.object({ version: z.literal(1), arn: z.string() });

const POLL_MS = 5_000;
/** Less than an attempt may take. The next one waits on. */
const WAIT_MS = 10 * 60 * 1000;

/**
 * Asks for the export that a run reads, and waits until it is complete. The token is the same in every attempt, so that a
 * lost response leads to no second export.
 * @returns the ARN of the export; undefined if the run reads one that exists
 * @throws Terminal `ExportFailed`, `RecoveryDisabled`, `TableNotFound`; Transient `ExportAwaited`
 */
export async function requestExport(
  deps: Pick<Dependencies, 'source' | 'store' | 'tableExports'>,
  { source }: Pick<PipelineDefinition, 'source'>,
  ref: RunRef,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (source.request !== true) return undefined;
  const store = deps.store(ref.bucket);
  const document = { store, key: requestedExportKey(ref), schema: RequestedExport };
  const found = await findDocument(document, signal);
  const { arn } =
    found ??
    (await claim(document, { version: 1, arn: await request(deps, source, ref, signal) }, anyWriter, signal))
      .value;
  const untilMs = Date.now() + WAIT_MS;
  for (;;) {
    const { status, failure = 'no reason is given' } = await deps.tableExports.describe(arn, { signal });
    if (status === 'COMPLETED') return arn;
    if (status === 'FAILED') {
      throw new Terminal(
        'ExportFailed',
        `DynamoDB could not make the export ${arn} of table ${source.table}: ${failure}. Fix the cause, then start a new run.`,
      );
    }
    if (Date.now() >= untilMs) {
      throw new Transient('ExportAwaited', `The export ${arn} is still in progress; the run waits for it.`);
    }
    await setTimeout(POLL_MS, undefined, { signal });
  }
}

async function request(
  deps: Pick<Dependencies, 'source' | 'tableExports'>,
  source: PipelineDefinition['source'],
  ref: RunRef,
  signal: AbortSignal,
): Promise<string> {
  const { table, bucket, prefix = '' } = source;
  const { tableArn = table } = await deps.source.describe(table, { signal });
  const token = fingerprint(`${ref.bucket}/${ref.prefix}/${ref.pipeline}/${ref.run}`, 32);
  return await deps.tableExports.request({ tableArn, bucket: bucket as string, prefix, token }, { signal });
}
