import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { program } from '../../../../src/cli/program.ts';
import { asTypedHere, configGiven, invocation, TRIBUTARY } from '../../../../src/cli/terminal/invocation.ts';
import { PACKAGE_ROOT } from '../../../../src/installation/package-files.ts';
import { COMMANDS } from '../../../../src/pipeline/text/commands.ts';

const { name } = JSON.parse(readFileSync(join(PACKAGE_ROOT, 'package.json'), 'utf8')) as { name: string };

let place: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'invocation-'));
});
afterEach(() => rmSync(place, { recursive: true }));

function put(path: string, content = ''): string {
  const file = join(place, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

function link(path: string, target: string): void {
  mkdirSync(dirname(join(place, path)), { recursive: true });
  symlinkSync(target, join(place, path));
}

/** Another project's package with a binary of the same name, on PATH and in a project. */
function stranger(): void {
  const binary = put('elsewhere/tributary/cli.js');
  link('elsewhere/bin/tributary', binary);
  link('project/node_modules/.bin/tributary', binary);
}

describe('in a checkout, a command is printed as', () => {
  const from = (directory: string) => {
    put('checkout/package.json');
    put('checkout/docs/page.md');
    put('checkout/packages/other/package.json');
    put('project/package.json');
    const packageRoot = join(place, 'checkout');
    return invocation({ isCheckout: true, packageRoot, directory: join(place, directory), path: '' });
  };

  it.each(['checkout', 'checkout/docs'])('npx tributary, from %s', (directory) => {
    expect(from(directory)).toBe('npx tributary');
  });

  it.each(['project', 'checkout/packages/other', '.'])(
    'node and its path from %s, where npx would ask a registry',
    (directory) => {
      expect(from(directory)).toBe(`node ${place}/checkout/bin/tributary.js`);
    },
  );
});

describe('installed, a command is printed as', () => {
  const install = (root: string) => {
    put(`${root}/bin/tributary.js`);
    return join(place, root);
  };
  const inProject = () => {
    put('project/package.json');
    link('project/node_modules/.bin/tributary', join('..', name, 'bin/tributary.js'));
    return install(`project/node_modules/${name}`);
  };
  const printed = (packageRoot: string, directory: string, ...path: string[]) =>
    invocation({
      isCheckout: false,
      packageRoot,
      directory: join(place, directory),
      path: path.map((each) => join(place, each)).join(':'),
    });

  it('tributary, if PATH finds this one first', () => {
    const root = install(`global/lib/node_modules/${name}`);
    link('global/bin/tributary', `../lib/node_modules/${name}/bin/tributary.js`);
    stranger();
    expect(printed(root, '.', 'empty', 'global/bin', 'elsewhere/bin')).toBe('tributary');
    expect(printed(root, '.', 'elsewhere/bin', 'global/bin')).toBe(`node ${root}/bin/tributary.js`);
  });

  it("npx --no-install, in the project and below it: npm's own entries of PATH are not the shell's", () => {
    const root = inProject();
    mkdirSync(join(place, 'project/below'));
    for (const directory of ['project', 'project/below']) {
      expect(printed(root, directory, 'project/node_modules/.bin')).toBe('npx --no-install tributary');
    }
  });

  it('node and its path, anywhere else', () => {
    const root = inProject();
    expect(printed(root, '.')).toBe(`node ${root}/bin/tributary.js`);
  });

  it("node and its path, in a project that has another's binary", () => {
    stranger();
    const root = install(`cache/node_modules/${name}`);
    expect(printed(root, 'project')).toBe(`node ${root}/bin/tributary.js`);
  });

  it('a path that a shell would split is quoted', () => {
    const root = install("it's here");
    expect(printed(root, '.')).toBe(`node '${place}/it'\\''s here/bin/tributary.js'`);
  });
});

describe('a text from elsewhere', () => {
  it.each([
    ['"tributary rejects a" lists them.', '"X rejects a" lists them.'],
    ['`tributary run a` or `tributary doctor`', '`X run a` or `X doctor`'],
    ['tributary run nobel --run a --from seal', 'X run nobel --run a --from seal'],
    ['no worker polls tributary run by run', 'no worker polls tributary run by run'],
    ['"tributary check" failed', '"tributary check" failed'],
    ['"tributary runaway"', '"tributary runaway"'],
  ])('%s', (text, expected) => {
    expect(asTypedHere(text, 'X')).toBe(expected);
    expect(asTypedHere(expected, 'X')).toBe(expected);
  });

  it.each([
    ['Run: `tributary cancel a && tributary run b`', 'Run: `X cancel a --config f && X run b --config f`'],
    ['"tributary run b --config g"', '"X run b --config g"'],
    [
      '"tributary local status" and "tributary doctor --fix"',
      '"X local status" and "X doctor --fix --config f"',
    ],
  ])('%s, with the configuration file of this command', (text, expected) => {
    expect(asTypedHere(text, 'X', ' --config f')).toBe(expected);
  });

  it('has the configuration file as it was given', () => {
    expect(configGiven(['run', 'nobel', '--config', 'other.yaml', '--wait'])).toBe(' --config other.yaml');
    expect(configGiven(['run', '--config=my file.yaml'])).toBe(" --config 'my file.yaml'");
    expect(configGiven(['run', 'nobel'])).toBe('');
  });

  it('may name every command', () => {
    expect(COMMANDS.toSorted()).toEqual(
      program()
        .commands.map((command) => command.name())
        .toSorted(),
    );
  });
});

describe('the source', () => {
  it('prints no command that npx might fetch, except here', () => {
    const files = ['src', 'local'].flatMap((folder) =>
      readdirSync(join(PACKAGE_ROOT, folder), { recursive: true, encoding: 'utf8' }).map((file) =>
        join(folder, file),
      ),
    );
    const found = files.filter(
      (file) =>
        /\.(ts|yaml)$/.test(file) &&
        /npx (?:-\S+ )*tributary/.test(readFileSync(join(PACKAGE_ROOT, file), 'utf8')),
    );
    expect(found).toEqual(['src/cli/terminal/invocation.ts']);
  });

  it('prints commands as the README does, in a checkout', () => expect(TRIBUTARY).toBe('npx tributary'));
});
