import { expect, test } from 'vitest';
import { namePlace, parsePlace } from '../../src/core/database-place.ts';

test.each([
  ['sqlite:data/winnow.db', 'data/winnow.db'],
  ['postgres://db.example.com/winnow', 'postgres://db.example.com/winnow'],
  ['postgresql://ana:s3cret@db:5433/winnow?sslmode=verify-full', 'postgres://db:5433/winnow'],
  ['postgres://ana:s3@cret@db/winnow', 'postgres://db/winnow'],
  ['postgres://ana:s3?cret@db/winnow', 'postgres://…'],
  ['postgres://ana:s3/cret@db/winnow', 'postgres://…'],
  ['postgres://db/winnow?user=ana@db&password=s3cret', 'postgres://db/winnow'],
  ['postgres://ana@/winnow?host=/run/postgresql', 'postgres://…'],
  ['postgres:///winnow?host=/run/postgresql', 'postgres:///winnow'],
])('%s is called %s, without a secret', (url, name) => {
  expect(namePlace(parsePlace(url))).toBe(name);
  expect(name).not.toMatch(/s3|cret/);
});
