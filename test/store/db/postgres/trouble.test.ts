import { expect, test } from 'vitest';
import { UnreachableDatabaseError } from '../../../../src/core/health/storage.ts';
import { asLost } from '../../../../src/store/db/postgres/lost.ts';
import { describeServerTrouble } from '../../../../src/store/db/postgres/trouble.ts';

const error = (message: string, code?: string) => Object.assign(new Error(message), { code });

test.each([
  ['a refused connection', error('connect ECONNREFUSED 127.0.0.1:5432', 'ECONNREFUSED')],
  ['a socket that is not there', error('connect ENOENT /run/.s.PGSQL.5432', 'ENOENT')],
  ['each address of a host', new AggregateError([error('', 'ECONNREFUSED')])],
  ['a cut connection', error('read ECONNRESET', 'ECONNRESET')],
  ['a connection that ended', error('Connection terminated unexpectedly')],
  ['no answer', error('Query read timeout')],
  ['no connection left in time', error('timeout exceeded when trying to connect')],
  ['a server that was stopped', error('terminating connection', '57P01')],
  ['a server that starts', error('the database system is starting up', '57P03')],
  ['a server with too many clients', error('sorry, too many clients already', '53300')],
  ['a server that only reads', error('cannot execute INSERT in a read-only transaction', '25006')],
  ['a transaction that stood still', error('idle-in-transaction timeout', '25P03')],
])('%s can be had later, or on another connection', (_, cause) => {
  expect(asLost(cause)).toBeInstanceOf(UnreachableDatabaseError);
  expect(asLost(asLost(cause))).toBeInstanceOf(UnreachableDatabaseError);
});

test.each([
  ['a wrong password', error('password authentication failed', '28P01')],
  ['no such database', error('database "winnow" does not exist', '3D000')],
  ['a full disk', error('could not extend file', '53100')],
  ['a row that is there', error('duplicate key value', '23505')],
  ['a slow statement', error('canceling statement due to statement timeout', '57014')],
  ['a file that is not there', error("ENOENT: no such file or directory, open 'ca.pem'", 'ENOENT')],
  ['a pooler', error('unsupported startup parameter: statement_timeout', '08P01')],
  ['a table in use', error('canceling statement due to lock timeout', '55P03')],
  ['something else', 'ECONNREFUSED'],
])('%s is no lost connection', (_, cause) => {
  expect(asLost(cause)).toBeUndefined();
});

test.each([
  [error('password authentication failed for user "bot"', '28P01'), /Correct the user and/],
  [error('no pg_hba.conf entry for host "10.0.0.1"', '28000'), /Let the server take connections/],
  [error('Invalid URL', 'ERR_INVALID_URL'), /# as %23/],
  [error('database "winnow" does not exist', '3D000'), /Make the database: create database/],
  [error('permission denied for schema public', '42501'), /Let the role own the database/],
  [error('self-signed certificate', 'DEPTH_ZERO_SELF_SIGNED_CERT'), /sslrootcert=FILE/],
  [error('certificate has expired', 'CERT_HAS_EXPIRED'), /Give the server a new certificate/],
  [error('altnames', 'ERR_TLS_CERT_ALTNAME_INVALID'), /Name the server as its certificate does/],
  [error('The server does not support SSL connections'), /write sslmode=disable/],
  [error('unsupported startup parameter: options', '08P01'), /Take the options out/],
])('$message: what to do is said', (cause, advice) => {
  const said = describeServerTrouble(cause);
  expect(said).toMatch(advice);
  expect(said.startsWith(`${cause.message}. `)).toBe(true);
});

test('without advice there are the words of the server', () => {
  expect(describeServerTrouble(error('out of shared memory', '53200'))).toBe(
    'out of shared memory',
  );
});
