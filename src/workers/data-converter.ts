import { existsSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import { z } from 'zod';
import { Terminal } from '../clients/errors.ts';
import { packageModule } from '../installation/package-files.ts';
import { messageOf } from '../pipeline/failure/message-of.ts';

const VARIABLE = 'TRIBUTARY_DATA_CONVERTER';

/** Used for failures if there are codecs and the module names no other one. */
export const ENCODING_FAILURE_CONVERTER = packageModule('src/workers/encoding-failure-converter.ts');

const has = (value: unknown, methods: readonly string[]) =>
  typeof value === 'object' &&
  value !== null &&
  methods.every((method) => typeof (value as Record<string, unknown>)[method] === 'function');

const File = z
  .string()
  .refine(isAbsolute, 'an absolute path: fileURLToPath(new URL("./file.js", import.meta.url))')
  .refine((path) => !isAbsolute(path) || existsSync(path), 'the path of a file that exists');

const Converter = z
  .strictObject({
    payloadConverterPath: File.optional(),
    failureConverterPath: File.optional(),
    payloadCodecs: z
      .array(
        z.custom((codec) => has(codec, ['encode', 'decode']), 'an object with the methods encode and decode'),
      )
      .optional(),
  })
  .refine((converter) => Object.keys(converter).length > 0, 'at least one of its settings');

/**
 * Loads Temporal's data converter from a module that exports it as `dataConverter`. If it has codecs and no failure
 * converter, the messages of failures go through the codecs as well.
 * https://docs.temporal.io/develop/typescript/converters-and-encryption
 * @param path of a JavaScript or TypeScript file, from the working directory
 * @param name of the setting, for messages
 * @throws Terminal `BadEnvironment` if there is no such module, or it exports something else
 */
export async function loadDataConverter(path: string, name = 'the data converter'): Promise<DataConverter> {
  const file = resolve(path);
  const wrong = (what: string, cause?: unknown) =>
    new Terminal('BadEnvironment', `${name} (${path}): ${what}`, { cause });
  if (!existsSync(file)) throw wrong(`there is no file ${file}.`);
  const { dataConverter } = await exportsOf(file, wrong);
  if (dataConverter === undefined) {
    throw wrong(
      'the module has no export "dataConverter": export const dataConverter = { payloadCodecs: [ … ] }.',
    );
  }
  const parsed = Converter.safeParse(dataConverter);
  if (!parsed.success) {
    const lines = parsed.error.issues.map(({ path: at, code, message }) => {
      const where = ['dataConverter', ...at].join('.');
      return code === 'custom' ? `${where}: expected ${message}` : `${where}: ${message}`;
    });
    throw wrong(`${lines.join('; ')}.`);
  }
  const { payloadConverterPath, failureConverterPath, payloadCodecs } = dataConverter as DataConverter;
  await requireExport(payloadConverterPath, 'payloadConverter', ['toPayload', 'fromPayload'], wrong);
  await requireExport(failureConverterPath, 'failureConverter', ['errorToFailure', 'failureToError'], wrong);
  const encodes = payloadCodecs !== undefined && payloadCodecs.length > 0;
  const failures = failureConverterPath ?? (encodes ? ENCODING_FAILURE_CONVERTER : undefined);
  return {
    ...(payloadConverterPath === undefined ? {} : { payloadConverterPath }),
    ...(failures === undefined ? {} : { failureConverterPath: failures }),
    ...(payloadCodecs === undefined ? {} : { payloadCodecs }),
  };
}

/** The data converter of TRIBUTARY_DATA_CONVERTER; undefined if the variable is unset or empty. @throws like `loadDataConverter` */
export async function dataConverterFromEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<DataConverter | undefined> {
  const path = environment[VARIABLE];
  return path ? loadDataConverter(path, VARIABLE) : undefined;
}

type Wrong = (what: string, cause?: unknown) => Terminal;

async function exportsOf(file: string, wrong: Wrong): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  } catch (error) {
    throw wrong(`${file} cannot be loaded: ${messageOf(error)}.`, error);
  }
}

async function requireExport(
  file: string | undefined,
  name: string,
  methods: readonly string[],
  wrong: Wrong,
): Promise<void> {
  if (file === undefined || has((await exportsOf(file, wrong))[name], methods)) return;
  throw wrong(`${file} must export ${name}, an object with the methods ${methods.join(' and ')}.`);
}
