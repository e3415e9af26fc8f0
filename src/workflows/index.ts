export { extractSegment } from './extract-segment.ts';
export { loadTable } from './load-table.ts';
export { refreshWarehouse } from './refresh-warehouse.ts';
