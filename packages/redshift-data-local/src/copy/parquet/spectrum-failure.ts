import { CopyFailure } from '../copy-failure.ts';

/** A failure of Redshift Spectrum, which reads columnar files. The message never says more: the context does. */
export function spectrumFailure(context: string): CopyFailure {
  return new CopyFailure('Spectrum Scan Error', { code: 15_007, context });
}
