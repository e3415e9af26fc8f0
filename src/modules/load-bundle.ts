import { createRequire } from 'node:module';
import vm from 'node:vm';
import { defineRecords } from '../pipeline/datasets/records/define-records.ts';
import { WrittenNumber } from '../pipeline/datasets/records/json-value.ts';
import { RecordRefused } from '../pipeline/datasets/records/map-record.ts';
import { rowOf } from '../pipeline/datasets/records/row-of.ts';

/** What a bundle gets from this package, which is not part of it. */
const PACKAGE = { defineRecords, rowOf, RecordRefused, WrittenNumber };

/** The exports of a bundle, in this thread. @param file its name in stack traces */
export function loadBundle(code: string, file: string): Readonly<Record<string, unknown>> {
  const module = { exports: {} as Readonly<Record<string, unknown>> };
  const ofNode = createRequire(import.meta.url);
  const required = (name: string): unknown => (name.startsWith('@tributary-data/') ? PACKAGE : ofNode(name));
  const run = vm.compileFunction(code, ['module', 'exports', 'require'], { filename: file });
  run(module, module.exports, required);
  return module.exports;
}
