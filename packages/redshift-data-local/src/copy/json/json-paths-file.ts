import type { S3Client } from '@aws-sdk/client-s3';
import { z } from 'zod';
import { CopyFailure } from '../copy-failure.ts';
import { readObject } from '../source/source-files.ts';
import { type JsonPath, parseJsonPath } from './json-path.ts';

const PathsFile = z.record(z.string(), z.unknown());

/**
 * Reads a JSONPaths file (AWS: "JSONPaths file"): one object, with one path per column.
 * @returns nothing if its key is not "jsonpaths": COPY then maps the data as with 'auto'
 * @throws CopyFailure if the file is malformed or has another number of paths than `columnCount`
 */
export async function jsonPaths(
  s3: S3Client,
  url: string,
  columnCount: number,
): Promise<JsonPath[] | undefined> {
  const refused = (message: string) => new CopyFailure(message, { code: 8001, context: `JSONPath = ${url}` });
  let json: unknown;
  try {
    json = JSON.parse(await readObject(s3, url));
  } catch (error) {
    if (error instanceof CopyFailure) throw error;
    throw refused('Invalid JSONPaths file: the file must contain one JSON object and nothing else');
  }
  const file = PathsFile.safeParse(json);
  if (!file.success) throw refused('Invalid JSONPaths file: the file must contain one JSON object');
  const entries = Object.entries(file.data);
  if (entries.length !== 1 || entries[0]![0] !== 'jsonpaths') return undefined;
  const texts = z.array(z.string().min(1)).safeParse(entries[0]![1]);
  if (!texts.success)
    throw refused('Invalid JSONPaths file: "jsonpaths" must be an array of strings that are not empty');
  const paths = texts.data.map((text) => {
    const parsed = parseJsonPath(text);
    if (parsed === undefined)
      throw refused(
        `Invalid JSONPath format. Supported notations are 'dot-notation' and 'bracket-notation': ${text}`,
      );
    return parsed;
  });
  const notations = new Set(paths.map(({ notation }) => notation).filter((one) => one !== 'either'));
  if (notations.size > 1)
    throw refused(
      "Invalid JSONPath format: 'dot-notation' and 'bracket-notation' cannot be mixed in one JSONPaths file",
    );
  if (paths.length !== columnCount)
    throw refused(
      `Number of jsonpaths and the number of columns should match. JSONPath size: ${paths.length}, Number of columns in table or column list: ${columnCount}`,
    );
  return paths.map(({ path }) => path);
}
