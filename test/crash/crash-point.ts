import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { MERGE_MS } from '../../src/core/delivery/effects.ts';
import { SHARDS } from '../../src/core/runs/shards.ts';

/**
 * Given to the bot by `node --import`: counts every place where a crash can matter (a commit, an
 * outside call, an acknowledgement) just before and just after it, and kills the process at one.
 *
 * A point's name is its moment, its label and which of that label it is: `after chat.postMessage 2`.
 * That stays the same from run to run, when a poll more or less would shift plain numbers.
 * CRASH_LOG is the file for the names as they pass. The process dies, as by `kill -9`, at the first
 * whose name the regular expression CRASH_AT matches. At the first that DISTURB_AT matches it makes the file
 * DISTURB_FILE, and stands still until somebody has removed it: meanwhile something happens to its database.
 */

const { CRASH_AT, CRASH_LOG: crashLog, CRASH_DB, DISTURB_AT, DISTURB_FILE = '' } = process.env;
const toPattern = (text: string | undefined) => (text === undefined ? undefined : new RegExp(text));
const crashAt = toPattern(CRASH_AT);
let disturbAt = toPattern(DISTURB_AT);

// Changes are gathered all the same; only nobody waits for seconds.
MERGE_MS.digest = 300;
MERGE_MS.receipt = 100;
// Nine messages are two batches: eleven more would show nothing else, and cost many points.
SHARDS.least = 4;

const passed = new Map<string, number>();

/** @returns which of its label the point is; `after` the same point is passed with that again */
function passBefore(label: string): number {
  const place = (passed.get(label) ?? 0) + 1;
  passed.set(label, place);
  pass('before', label, place);
  return place;
}

function pass(moment: 'before' | 'after', label: string, place: number): void {
  const name = `${moment} ${label} ${place}`;
  if (crashLog) appendFileSync(crashLog, `${name}\n`);
  if (disturbAt?.test(name)) {
    disturbAt = undefined;
    writeFileSync(DISTURB_FILE, '');
    while (existsSync(DISTURB_FILE)) standStill(5);
  }
  if (!crashAt?.test(name)) return;
  process.kill(process.pid, 'SIGKILL');
  // Not one more line runs, should the signal take its time.
  standStill();
}

function standStill(ms?: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

if (CRASH_DB === 'postgres')
  (await import('./watch-postgres.ts')).watchPostgres({ passBefore, pass });
else (await import('./watch-sqlite.ts')).watchSqlite({ passBefore, pass });
watchCalls();
watchAcknowledgements();

/** Both SDKs call through the global fetch. `after` is: done over there, and the answer is lost. */
function watchCalls(): void {
  const { fetch } = globalThis;
  globalThis.fetch = async (input, init) => {
    const { pathname } = new URL(input instanceof Request ? input.url : input);
    const slackMethod = /^\/api\/([\w.]+)$/.exec(pathname)?.[1];
    // Only a lost post is looked for with its metadata; sweeps read history and threads without.
    const looking = String(init?.body ?? '').includes('include_all_metadata');
    const label = slackMethod
      ? `${slackMethod}${looking ? ' for a post' : ''}`
      : `${init?.method ?? 'GET'} ${pathname.replace(/msgbatch_\w+|(?<=\/actions\/).*/, ':id')}`;
    const place = passBefore(label);
    const response = await fetch(input, init);
    pass('after', label, place);
    return response;
  };
}

/** What the bot says over Socket Mode: `ack` for an event, `answer` for a command or a button. */
function watchAcknowledgements(): void {
  // The WebSocket that @slack/socket-mode itself uses, whichever version that is.
  const load = createRequire(import.meta.resolve('@slack/socket-mode'));
  const { WebSocket }: { WebSocket: { prototype: { send(data: unknown): void } } } = load('undici');
  const { send } = WebSocket.prototype;
  WebSocket.prototype.send = function (data) {
    const label = String(data).includes('"payload":{"') ? 'answer' : 'ack';
    const place = passBefore(label);
    send.call(this, data);
    pass('after', label, place);
  };
}
