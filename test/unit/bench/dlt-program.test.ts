import { expect, test } from '@jest/globals';
import { dltCommand } from '../../../bench/speed/dlt-program.ts';

test.each(['python-that-does-not-exist', 'false'])(
  'without Python, as with `%s`, the reason is given',
  async (python) => {
    await expect(dltCommand(() => {}, python)).rejects.toThrow(`${python} with venv and pip is needed`);
  },
);
