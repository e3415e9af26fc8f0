import { createInterface } from 'node:readline';
import { copyTable } from './first-written.ts';

/** The first-written program as a process that copies one table for each line it reads, so that it can be warm. */
for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await copyTable(JSON.parse(line))));
}
