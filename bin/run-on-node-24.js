import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const needed = [24, 4];

/**
 * Runs a module of this package: in this process if its Node is new enough, else by starting `launcher` (the
 * file this was called from) again on the Node that npm installed in a checkout.
 * @param launcher the URL of the launching script
 * @param script the file to run, relative to the package
 */
export async function runOnNode24(launcher, script, arguments_) {
  const launcherFile = fileURLToPath(launcher);
  if (isNewEnough(process.versions.node)) {
    endWithLauncher();
    process.argv = [process.execPath, launcherFile, ...arguments_];
    await keepCompiledCode();
    await import(pathToFileURL(join(root, script)).href);
    return;
  }
  const node = join(root, 'node_modules', '.bin', 'node');
  const version = existsSync(node) ? spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout : '';
  if (!isNewEnough((version ?? '').trim().replace(/^v/, ''))) {
    console.error(`Tributary needs Node ${needed.join('.')} or newer; this is ${process.version}.`);
    console.error(
      'Install it from https://nodejs.org, with `brew install node@24` or `nvm install 24`, and try again.',
    );
    process.exitCode = 1;
    return;
  }
  startAgain(node, [launcherFile, ...process.argv.slice(2)]);
}

/**
 * Node keeps what it compiled, in the user's cache, so that the next command starts in half the CPU time. Where nothing can be
 * written, commands only start more slowly. src/installation/compiled-code.ts names the same place for workers.
 */
async function keepCompiledCode() {
  const { enableCompileCache } = await import('node:module');
  const { TRIBUTARY_CACHE, XDG_CACHE_HOME } = process.env;
  const cache = TRIBUTARY_CACHE || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'tributary');
  enableCompileCache(join(cache, 'compiled'));
}

function isNewEnough(version) {
  const [major, minor] = version.split('.').map(Number);
  return major > needed[0] || (major === needed[0] && minor >= needed[1]);
}

function startAgain(node, arguments_) {
  const child = spawn(node, arguments_, {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, TRIBUTARY_LAUNCHED: '1' },
  });
  // A terminal's Ctrl-C reaches the child by itself: passing it on would look like a second one.
  const onTerminal = process.stdin.isTTY || process.stderr.isTTY;
  process.on('SIGINT', () => !onTerminal && child.kill('SIGINT'));
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  process.on('SIGHUP', () => child.kill('SIGHUP'));
  child.on('error', (error) => {
    console.error(`Cannot start ${node}: ${error.message}`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    if (signal === null) return process.exit(code);
    // End in the way the child ended, so that a shell sees the same.
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(name);
    process.kill(process.pid, signal);
  });
}

/** Started by an older Node's launcher: when that launcher is killed, its channel closes and this process ends. */
function endWithLauncher() {
  if (process.env.TRIBUTARY_LAUNCHED === undefined) return;
  delete process.env.TRIBUTARY_LAUNCHED;
  if (!process.connected) return;
  process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel?.unref();
}
