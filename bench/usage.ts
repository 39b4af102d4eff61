import { readFile } from 'node:fs/promises';

/** What another process uses; NaN on a system without /proc. */

/** Resident memory in MB. */
export async function readRssMb(pid: number): Promise<number> {
  const status = await read(pid, 'status');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024;
}

/** Linux counts CPU time in hundredths of a second. */
const TICK_MS = 10;

/** CPU time since its start in ms, of all its threads, in the program and in the system. */
export async function readCpuMs(pid: number): Promise<number> {
  // The name of the program, in parentheses, may have spaces.
  const [, fields = ''] = (await read(pid, 'stat')).split(/\)\s/);
  const [user, system] = fields.split(' ').slice(11, 13);
  return (Number(user ?? Number.NaN) + Number(system ?? Number.NaN)) * TICK_MS;
}

const read = (pid: number, file: string) =>
  readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
