import fc from 'fast-check';
import { expect, test } from 'vitest';
import { laterTs, msToTs, permalink, TS_PATTERN, tsToMs } from '../../src/core/timestamps.ts';

const moment = fc.integer({ min: 1_000_000_000_000, max: 9_999_999_999_999 });

test('a moment survives the way to a timestamp and back', () => {
  fc.assert(
    fc.property(moment, (ms) => {
      expect(msToTs(ms)).toMatch(TS_PATTERN);
      expect(tsToMs(msToTs(ms))).toBe(ms);
    }),
  );
});

test('the order of timestamps as text is the order of time', () => {
  fc.assert(
    fc.property(moment, moment, (a, b) => {
      expect(msToTs(a) < msToTs(b)).toBe(a < b);
      expect(laterTs(msToTs(a), msToTs(b))).toBe(msToTs(Math.max(a, b)));
    }),
  );
});

test('the timestamp of a moment is not after any message of that millisecond', () => {
  expect(msToTs(1_732_272_000_123) <= '1732272000.123456').toBe(true);
  expect(msToTs(1_732_272_000_124) > '1732272000.123456').toBe(true);
});

test('a message has the address that chat.getPermalink gives it', () => {
  const acme = 'https://acme.slack.com/';
  const ts = '1732272000.123456';
  const own = 'https://acme.slack.com/archives/C1/p1732272000123456';
  expect(permalink(acme, 'C1', ts)).toBe(own);
  expect(permalink(acme, 'C1', ts, null)).toBe(own);
  // A parent names itself as its thread.
  expect(permalink(acme, 'C1', ts, ts)).toBe(own);
  expect(permalink(acme, 'C1', ts, '1732271000.000100')).toBe(
    `${own}?thread_ts=1732271000.000100&cid=C1`,
  );
});
