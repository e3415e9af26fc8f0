import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import {
  dataConverterFromEnvironment,
  ENCODING_FAILURE_CONVERTER,
  loadDataConverter,
} from '../../../src/workers/data-converter.ts';

const directory = mkdtempSync(join(tmpdir(), 'tributary-converters-'));
afterAll(() => rmSync(directory, { recursive: true }));

let modules = 0;
/** A module with this text. */
function module(text: string): string {
  const file = join(directory, `${modules++}.mjs`);
  writeFileSync(file, text);
  return file;
}

const CODEC = '{ encode: async (payloads) => payloads, decode: async (payloads) => payloads }';
const payloadConverter = module('export const payloadConverter = { toPayload() {}, fromPayload() {} };');
const failureConverter = module(
  'export const failureConverter = { errorToFailure() {}, failureToError() {} };',
);

describe('a data converter', () => {
  test('is none if the variable is unset or empty', async () => {
    expect(await dataConverterFromEnvironment({})).toBeUndefined();
    expect(await dataConverterFromEnvironment({ TRIBUTARY_DATA_CONVERTER: '' })).toBeUndefined();
  });

  test('with codecs also encodes the messages of failures', async () => {
    const file = module(`export const dataConverter = { payloadCodecs: [${CODEC}] };`);
    const loaded = await dataConverterFromEnvironment({ TRIBUTARY_DATA_CONVERTER: file });
    expect(loaded?.payloadCodecs).toHaveLength(1);
    expect(loaded?.failureConverterPath).toBe(ENCODING_FAILURE_CONVERTER);
  });

  test('may have converters of its own', async () => {
    const paths = { payloadConverterPath: payloadConverter, failureConverterPath: failureConverter };
    const file = module(
      `export const dataConverter = { ...${JSON.stringify(paths)}, payloadCodecs: [${CODEC}] };`,
    );
    expect(await loadDataConverter(file)).toMatchObject(paths);
    const alone = module(
      `export const dataConverter = { payloadConverterPath: ${JSON.stringify(payloadConverter)} };`,
    );
    expect(await loadDataConverter(alone)).toEqual({ payloadConverterPath: payloadConverter });
  });

  test.each<[string, () => string, RegExp]>([
    ['a file that does not exist', () => join(directory, 'none.js'), /there is no file .*none\.js/],
    ['a module that fails', () => module("throw new Error('no key')"), /cannot be loaded: no key/],
    ['a module without the export', () => module('export default {};'), /no export "dataConverter"/],
    ['something else', () => module('export const dataConverter = 7;'), /dataConverter: .*expected object/],
    ['no setting', () => module('export const dataConverter = {};'), /dataConverter: expected at least one/],
    [
      'an unknown setting',
      () => module('export const dataConverter = { codecs: [] };'),
      /dataConverter: .*"codecs"/,
    ],
    [
      'something else for a codec',
      () => module('export const dataConverter = { payloadCodecs: [{ encode() {} }] };'),
      /payloadCodecs\.0: expected an object with the methods encode and decode/,
    ],
    [
      'a relative path',
      () => module("export const dataConverter = { payloadConverterPath: './converter.js' };"),
      /payloadConverterPath: expected an absolute path: fileURLToPath/,
    ],
    [
      'the path of no file',
      () => module("export const dataConverter = { failureConverterPath: '/no/file.js' };"),
      /failureConverterPath: expected the path of a file that exists/,
    ],
    [
      'a converter module without its export',
      () =>
        module(`export const dataConverter = { payloadConverterPath: ${JSON.stringify(failureConverter)} };`),
      /must export payloadConverter, an object with the methods toPayload and fromPayload/,
    ],
  ])('is refused at once: %s', async (_, file, reason) => {
    const environment = { TRIBUTARY_DATA_CONVERTER: file() };
    await expect(dataConverterFromEnvironment(environment)).rejects.toMatchObject({
      code: 'BadEnvironment',
      message: expect.stringMatching(reason),
    });
    await expect(dataConverterFromEnvironment(environment)).rejects.toThrow(/^TRIBUTARY_DATA_CONVERTER \(/);
  });
});
