import { readFileSync } from 'node:fs';
import { checkVocabulary, type Vocabulary } from './vocabulary.ts';

/** `node test/vocabulary/check.ts`: a step of the lint, for the checkout in the working directory. */

const PATHS = [
  ...['README.md', 'ARCHITECTURE.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'docs', 'examples', '.github'],
  ...['Dockerfile', 'docker-compose.yml', 'tributary.yaml', 'package.json', 'jest.config.ts', 'knip.jsonc'],
  ...['src', 'packages', 'local', 'bin', 'bench', 'test'],
];

const list = readFileSync(new URL('vocabulary.json', import.meta.url), 'utf8');
const paths = process.argv.length > 2 ? process.argv.slice(2) : PATHS;
const problems = checkVocabulary(process.cwd(), paths, JSON.parse(list) as Vocabulary);
for (const problem of problems) console.error(problem);
if (problems.length > 0)
  console.error(`${problems.length} problems; the list is test/vocabulary/vocabulary.json`);
process.exitCode = problems.length === 0 ? 0 : 1;
