import { Terminal } from '../../clients/errors.ts';

/**
 * Rejects the number of a segment that does not exist.
 * @param of what was planned, e.g. `Run first`
 * @throws Terminal `SegmentOutOfRange`
 */
export function refuseUnknownSegment(of: string, segments: number, segment: number): void {
  if (Number.isInteger(segment) && segment >= 0 && segment < segments) return;
  throw new Terminal(
    'SegmentOutOfRange',
    `${of} has segments 0 to ${segments - 1}; there is no segment ${segment}.`,
  );
}
