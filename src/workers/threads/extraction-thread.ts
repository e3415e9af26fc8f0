import { segmentClients } from '../segment-clients.ts';
import { serveSegments } from './serve-segments.ts';

/** What an extraction thread runs. */

serveSegments(segmentClients(process.env));
