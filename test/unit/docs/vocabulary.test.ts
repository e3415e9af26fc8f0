import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { checkVocabulary, findPhrases, type Vocabulary } from '../../vocabulary/vocabulary.ts';
import { inRepository, read } from './pages.ts';

const list: Vocabulary = JSON.parse(read('test/vocabulary/vocabulary.json'));
const lowerCase = list.phrases.flatMap(({ avoid }) => avoid).filter((phrase) => !/[A-Z]/.test(phrase));
const identifiers = list.phrases.flatMap(({ avoid }) => avoid).filter((phrase) => /[A-Z]/.test(phrase));

const found = (text: string) => findPhrases(text, list.phrases).map(({ line, phrase }) => ({ line, phrase }));

describe.each(lowerCase)('"%s" is found', (phrase) => {
  const [first = '', ...rest] = phrase.split(' ');
  const isLongerPhrase = rest.length > 0;

  test('in a sentence', () => {
    expect(found(`First line.\nIt ${phrase}, as planted.`)).toEqual([{ line: 2, phrase }]);
  });

  test('at the beginning of a sentence', () => {
    expect(found(`${first[0]?.toUpperCase()}${phrase.slice(1)}.`)).toEqual([{ line: 1, phrase }]);
  });

  test('in identifiers', () => {
    const camel = rest.map((word) => `${word[0]?.toUpperCase()}${word.slice(1)}`).join('');
    expect(found(`const its${first[0]?.toUpperCase()}${first.slice(1)}${camel}Now = 1;`)).toEqual([
      { line: 1, phrase },
    ]);
    expect(found(`const IT_${phrase.replaceAll(' ', '_').toUpperCase()}_NOW = 1;`)).toEqual([
      { line: 1, phrase },
    ]);
  });

  if (isLongerPhrase) {
    test('over two lines of a comment, a string or a page', () => {
      const last = rest.join(' ');
      expect(found(`/**\n * It ${first}\n * ${last}.\n */`)).toEqual([{ line: 2, phrase }]);
      expect(found(`  // it ${first}\n  // ${last}.`)).toEqual([{ line: 1, phrase }]);
      expect(found(`  'it ${first} ' +\n    '${last}.'`)).toEqual([{ line: 1, phrase }]);
      expect(found(`It ${first}\n${last}.`)).toEqual([{ line: 1, phrase }]);
    });
  }
});

test.each(identifiers)('the identifier %s is found, and only as it is spelled', (name) => {
  expect(found(`const a = ${name}(b);`)).toEqual([{ line: 1, phrase: name }]);
  expect(found(`const a = ${name}s(b), c = ${name.toLowerCase()};`)).toEqual([]);
});

test('lines are counted past comments, empty lines and strings', () => {
  const text = "/**\n * a\n */\n\n\n// b\n\nconst c = 'd' +\n  'e';\n\n// read anew\n";
  expect(found(text)).toEqual([{ line: 11, phrase: 'anew' }]);
});

test('other words are not', () => {
  const text =
    'A recommendation to amend it. A renewed, personal copy; a Go oncology foregoes one. It is told_apart?';
  expect(found(text.replace('told_apart', 'untold'))).toEqual([]);
});

describe('the check', () => {
  let root: string;
  const plant = (file: string, text: string) => {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  };
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'tributary-vocabulary-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  test('names file, line, phrase and what to write', () => {
    plant('src/a.ts', '// fine\n// read anew\n');
    plant('README.md', 'Mend it.\n');
    expect(checkVocabulary(root, ['README.md', 'src', 'absent'], list)).toEqual([
      'README.md:1: "mend": write fix, fixed',
      'src/a.ts:2: "anew": write again, or re- as in recreated, reread',
    ]);
  });

  test('reads neither third-party packages nor data', () => {
    plant('src/node_modules/x/index.ts', '// read anew\n');
    plant('test/fixtures/items/x.json', '"anew"');
    plant('local/data/x.json', '"anew"');
    plant('src/x.png', 'anew');
    expect(checkVocabulary(root, ['src', 'test', 'local'], list)).toEqual([]);
  });

  test('leaves out what is allowed, and reports a permission that nothing needs', () => {
    const allowed = [{ file: 'src/a.ts', phrase: 'nobody', why: 'the UNIX user' }];
    plant('src/a.ts', "const user = 'nobody'; // nobody\n");
    plant('src/b.ts', "const user = 'nobody';\n");
    expect(checkVocabulary(root, ['src'], { ...list, allowed })).toEqual([
      expect.stringMatching(/^src\/b\.ts:1: "nobody"/),
    ]);
    plant('src/a.ts', "const user = 'root';\n");
    rmSync(join(root, 'src/b.ts'));
    expect(checkVocabulary(root, ['src'], { ...list, allowed })).toEqual([
      'src/a.ts may use "nobody" but does not: remove the permission',
    ]);
  });

  test('fails as a command when a phrase is planted', () => {
    const command = (path: string) =>
      spawnSync(process.execPath, [inRepository('test/vocabulary/check.ts'), path], {
        cwd: root,
        encoding: 'utf8',
      });
    plant('planted.md', 'The table is made anew.\n');
    plant('fine.md', 'The table is recreated.\n');
    const failed = command('planted.md');
    expect(failed.stderr).toContain('planted.md:1: "anew"');
    expect(failed.status).toBe(1);
    expect(command('fine.md').status).toBe(0);
  });
});

test('every permission is for a file that exists', () => {
  expect(list.allowed.filter(({ file }) => !existsSync(inRepository(file)))).toEqual([]);
});

test('the lint and `npm test` run the check', () => {
  expect(JSON.parse(readFileSync(inRepository('package.json'), 'utf8')).scripts.lint).toContain(
    'node test/vocabulary/check.ts',
  );
  expect(read('test/run.ts')).toContain("'test/vocabulary/check.ts'");
});
