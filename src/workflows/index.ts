export { extractSegment } from './extract-segment.ts';
export { inferSchema } from './infer-schema.ts';
export { inferSegment } from './infer-segment.ts';
export { listBackups } from './list-backups.ts';
export { loadTable } from './load-table.ts';
export { pruneRuns } from './prune-runs.ts';
export { refreshWarehouse } from './refresh-warehouse.ts';
export { rollbackWarehouse } from './rollback-warehouse.ts';
