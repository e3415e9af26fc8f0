import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stampFile = join(root, 'node_modules', '.tributary-lock-hash');
const installLock = join(root, '.tributary', 'npm-ci.lock');

/**
 * Runs `npm ci` if npm packages are missing or differ from the lock file. If two processes do this at once, only one
 * installs. `withDevelopment`: the packages for tests are also needed.
 * @returns false if it failed; stderr has the reason, and the exit code is set.
 */
export async function installPackages({ withDevelopment }) {
  if (areInstalled(withDevelopment)) return true;
  try {
    await holdingLock(async () => {
      if (!areInstalled(withDevelopment)) await runNpmCi();
    });
    return true;
  } catch (error) {
    console.error(`Cannot install the npm packages: ${error.message}`);
    console.error(`Run \`npm ci\` in ${root} to see more; it needs access to an npm registry.`);
    process.exitCode = 1;
    return false;
  }
}

/**
 * The stamp answers at once. Without it, as after an `npm install` by hand, npm's list of installed packages is
 * compared with the lock file. Packages for other platforms may be absent.
 */
function areInstalled(withDevelopment) {
  const lock = readOr(join(root, 'package-lock.json'), '{}');
  const hash = createHash('sha256').update(lock).digest('hex');
  if (readOr(stampFile, '') === hash) return true;
  const wanted = JSON.parse(lock).packages ?? {};
  const installed = JSON.parse(readOr(join(root, 'node_modules', '.package-lock.json'), '{}')).packages;
  if (installed === undefined) return false;
  let complete = true;
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '' || entry.optional || entry.devOptional || entry.peer) continue;
    // A workspace is a link without a version.
    if (path in installed && installed[path].version === entry.version) continue;
    complete = false;
    if (!entry.dev || withDevelopment || installed[path] !== undefined) return false;
  }
  if (complete) writeStamp(hash);
  return true;
}

function writeStamp(hash) {
  try {
    writeFileSync(stampFile, hash);
  } catch {
    // The checkout belongs to another user: it is compared again next time.
  }
}

function runNpmCi() {
  const began = Date.now();
  const seconds = () => Math.round((Date.now() - began) / 1000);
  console.error('Installing npm packages, once: this takes about half a minute.');
  // npm shows its own progress, but on a terminal only.
  const progress = process.stderr.isTTY
    ? undefined
    : setInterval(() => console.error(`Installing npm packages: ${seconds()} s`), 10_000);
  const arguments_ = [
    'ci',
    '--include=dev',
    '--include=optional',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ];
  // Inside `npm run` this very npm is used; its own script runs on whatever Node there is.
  const npmScript = process.env.npm_execpath;
  const [command, first] = /npm-cli\.c?js$/.test(npmScript ?? '')
    ? [process.execPath, [npmScript]]
    : ['npm', []];
  return new Promise((resolve, reject) => {
    // Its output goes to stderr: stdout may be the caller's JSON.
    const child = spawn(command, [...first, ...arguments_], { cwd: root, stdio: ['ignore', 2, 2] });
    child.on('error', (error) =>
      reject(error.code === 'ENOENT' ? new Error('npm is not on PATH. It comes with Node.js.') : error),
    );
    child.on('close', (code, signal) => {
      if (code !== 0) return reject(new Error(`npm ci ended with ${signal ?? `exit code ${code}`}.`));
      const lock = readFileSync(join(root, 'package-lock.json'));
      writeStamp(createHash('sha256').update(lock).digest('hex'));
      console.error(`Installed the npm packages in ${seconds()} s.`);
      resolve();
    });
  }).finally(() => clearInterval(progress));
}

async function holdingLock(work) {
  mkdirSync(dirname(installLock), { recursive: true });
  for (let waited = false; !takeLock(); waited = true) {
    if (!waited) console.error('Waiting for another process that is installing the npm packages.');
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  try {
    await work();
  } finally {
    rmSync(installLock, { force: true });
  }
}

function takeLock() {
  try {
    writeFileSync(installLock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    // An empty file is a lock being written; the lock of a dead process is removed.
    const holder = Number(readOr(installLock, ''));
    if (holder > 0 && !lives(holder)) rmSync(installLock, { force: true });
    return false;
  }
}

function lives(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function readOr(file, otherwise) {
  return existsSync(file) ? readFileSync(file, 'utf8') : otherwise;
}
