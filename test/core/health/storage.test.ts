import { expect, test } from 'vitest';
import {
  findStorageTrouble,
  Storage,
  UnreachableDatabaseError,
} from '../../../src/core/health/storage.ts';

const full = (code: string) => Object.assign(new Error('no room'), { code });

test.each([
  ['SQLite is full', full('SQLITE_FULL'), 'full'],
  ['PostgreSQL is full', full('53100'), 'full'],
  ['the disk is full', full('ENOSPC'), 'full'],
  ['a quota is used up', full('EDQUOT'), 'full'],
  ['a cause', new Error('outer', { cause: full('SQLITE_FULL') }), 'full'],
  ['one of several', new AggregateError([new Error('other'), full('SQLITE_FULL')]), 'full'],
  ['no connection', new UnreachableDatabaseError(full('ECONNREFUSED')), 'unreachable'],
  ['Slack does not answer', full('ECONNREFUSED'), null],
  ['a lock', full('SQLITE_BUSY'), null],
  ['no error', 'disk full', null],
])('trouble with the storage is recognised: %s', (_, error, expected) => {
  expect(findStorageTrouble(error)).toBe(expected);
});

test.each([
  [full('SQLITE_FULL'), 'the disk of the database is full: nothing is stored until there is room'],
  [
    new UnreachableDatabaseError(full('ECONNREFUSED')),
    'the database cannot be reached: nothing is stored until it can',
  ],
])('%s is told of once, until it is over; other lines stay', (err, told) => {
  const lines: [string, string][] = [];
  const write = (level: string) => (_: object, message: string) =>
    void lines.push([level, message]);
  const storage = new Storage();
  const log = storage.quieten({
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
  });
  log.error({ err }, 'one');
  log.warn({ err }, 'two');
  log.error({ err: new Error('another') }, 'three');
  storage.trouble = null;
  log.error({ err }, 'four');
  expect(lines.filter(([level]) => level !== 'debug')).toEqual([
    ['error', told],
    ['error', 'three'],
    ['error', told],
  ]);
  expect(lines.filter(([level]) => level === 'debug').map(([, message]) => message)).toEqual([
    'one',
    'two',
    'four',
  ]);
});
