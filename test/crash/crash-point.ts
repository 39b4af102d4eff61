import { appendFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import Sqlite from 'better-sqlite3';
import { MERGE_MS } from '../../src/core/delivery/effects.ts';
import { SHARDS } from '../../src/core/runs/shards.ts';

/**
 * Given to the bot by `node --import`: counts every place where a crash can matter (a commit, an
 * outside call, an acknowledgement) just before and just after it, and kills the process at one.
 *
 * A point's name is its moment, its label and which of that label it is: `after chat.postMessage 2`.
 * That stays the same from run to run, when a poll more or less would shift plain numbers.
 * CRASH_LOG is the file for the names as they pass. The process dies, as by `kill -9`, at the first
 * whose name the regular expression CRASH_AT matches.
 */

const { CRASH_AT, CRASH_LOG: crashLog } = process.env;
const crashAt = CRASH_AT === undefined ? undefined : new RegExp(CRASH_AT);

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
  if (!crashAt?.test(name)) return;
  process.kill(process.pid, 'SIGKILL');
  // Not one more line runs, should the signal take its time.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

const WRITTEN = /\b(?:into|update|from)\s+"?(\w+)/i;
const SCHEMA = /^\s*(?:create|alter|drop)\b/i;

watchCommits();
watchCalls();
watchAcknowledgements();

/**
 * A commit is a `commit`, or a writing statement outside of a transaction. One that has written
 * nothing leaves everything as it was, and how many there are hangs on timing.
 */
function watchCommits(): void {
  type Statement = Sqlite.Statement<unknown[]>;
  const written = new Set<string>();
  let watching = false;

  const commitsNow = (statement: Statement): boolean => {
    const { source, database, readonly } = statement;
    if (/^\s*commit/i.test(source)) return written.size > 0;
    if (/^\s*(begin|rollback)/i.test(source)) {
      written.clear();
      return false;
    }
    const table = SCHEMA.test(source) ? 'schema' : WRITTEN.exec(source)?.[1];
    if (!readonly && table) written.add(table);
    return !readonly && !database.inTransaction;
  };
  const watch =
    <Result>(method: (...values: unknown[]) => Result) =>
    (statement: Statement, values: unknown[]): Result => {
      if (!commitsNow(statement)) return method.apply(statement, values);
      const label = `commit ${[...written].sort().join('+') || 'pragma'}`;
      written.clear();
      const place = passBefore(label);
      const result = method.apply(statement, values);
      pass('after', label, place);
      return result;
    };

  const { prepare } = Sqlite.prototype;
  Sqlite.prototype.prepare = function (this: Sqlite.Database, source: string) {
    const statement = prepare.call(this, source);
    if (!watching) {
      watching = true;
      // The class of statements is not exported: it is met at the first one.
      const statements: Statement = Object.getPrototypeOf(statement);
      const run = watch(statements.run);
      const all = watch(statements.all);
      const get = watch(statements.get);
      statements.run = function (...values) {
        return run(this, values);
      };
      statements.all = function (...values) {
        return all(this, values);
      };
      statements.get = function (...values) {
        return get(this, values);
      };
    }
    return statement;
  } as typeof prepare;
}

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
