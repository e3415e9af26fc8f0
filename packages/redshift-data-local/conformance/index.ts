export type { ConformanceCase, LoadedCase } from './conformance-case.ts';
export { loadCases } from './conformance-case.ts';
export { runAll } from './run-all.ts';
export { type ConformanceTarget, conformanceTarget, type TargetAddresses } from './target.ts';
