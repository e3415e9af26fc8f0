import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import {
  allowedCores,
  coresOf,
  cpuSeconds,
  megabytes,
  pinned,
  processTree,
} from '../../../bench/speed/process-tree.ts';

test.each([
  ['0', [0]],
  ['0,2', [0, 2]],
  ['0-2,5', [0, 1, 2, 5]],
])('the list of cores %s', (list, cores) => {
  expect(coresOf(list)).toEqual(cores);
});

test('a command is pinned if there are cores to pin it to', () => {
  expect(pinned(['node', 'main.ts'], [0, 1])).toEqual(['taskset', ['-c', '0,1', 'node', 'main.ts']]);
  expect(pinned(['node', 'main.ts'], [])).toEqual(['node', ['main.ts']]);
});

const onLinux = process.platform === 'linux' ? describe : describe.skip;

onLinux('on Linux', () => {
  test('the CPU time of a process includes that of a child, while it runs and after it ended', async () => {
    // The child works until it has used a tenth of a second.
    const work = `while (process.cpuUsage().user < 1e5); console.log('worked'); process.stdin.resume();`;
    const parent = spawn(
      process.execPath,
      [
        '-e',
        `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(work)}], {stdio: 'inherit'})`,
      ],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    const pid = parent.pid as number;
    try {
      await once(parent.stdout, 'data');
      expect(processTree(pid)).toHaveLength(2);
      expect(cpuSeconds(pid)).toBeGreaterThanOrEqual(0.1);
      expect(megabytes(pid, 'now')).toBeGreaterThan(0);
      expect(megabytes(pid, 'peak')).toBeGreaterThanOrEqual(megabytes(pid, 'now'));
    } finally {
      parent.stdin.end();
      await once(parent, 'exit');
    }
    expect(cpuSeconds(pid)).toBe(0);
  });

  test('the allowed cores are at least one', () => {
    expect(allowedCores()?.length ?? 1).toBeGreaterThanOrEqual(1);
  });
});
