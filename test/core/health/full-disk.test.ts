import { expect, test } from 'vitest';
import { Disk, isDiskFull } from '../../../src/core/health/full-disk.ts';

const full = (code: string) => Object.assign(new Error('no room'), { code });

test.each([
  ['SQLite', full('SQLITE_FULL'), true],
  ['the system', full('ENOSPC'), true],
  ['a quota', full('EDQUOT'), true],
  ['as a cause', new Error('outer', { cause: full('SQLITE_FULL') }), true],
  ['one of several', new AggregateError([new Error('other'), full('SQLITE_FULL')]), true],
  ['a lock', full('SQLITE_BUSY'), false],
  ['no error', 'disk full', false],
])('a full disk is recognised: %s', (_, error, expected) => {
  expect(isDiskFull(error)).toBe(expected);
});

test('it is told of once, until there was room; other lines stay', () => {
  const lines: [string, string][] = [];
  const write = (level: string) => (_: object, message: string) =>
    void lines.push([level, message]);
  const disk = new Disk();
  const log = disk.quieten({
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
  });
  const err = full('SQLITE_FULL');
  log.error({ err }, 'one');
  log.warn({ err }, 'two');
  log.error({ err: new Error('another') }, 'three');
  disk.isFull = false;
  log.error({ err }, 'four');
  const told = 'the disk of the database is full: nothing is stored until there is room';
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
