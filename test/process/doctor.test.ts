import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { openPlace } from './bot.ts';

/** `npm run doctor` as a process of its own, and what it says when a start fails. */

test('npm run doctor is this script', () => {
  const file = path.join(import.meta.dirname, '../../package.json');
  const { scripts } = JSON.parse(readFileSync(file, 'utf8'));
  expect(scripts.doctor).toMatch(/ src\/doctor\.ts$/);
});

test('beside a bot that runs, all is well, and nothing of the bot’s is disturbed', async () => {
  const place = await openPlace();
  const bot = place.start();
  await bot.logged('messages count from here on');
  const { code, said, lines } = await place.run('doctor.ts', ['--json']);
  expect({ code, said, findings: lines }).toEqual({
    code: 0,
    said: '',
    findings: [expect.objectContaining({ ok: true })],
  });
  expect(JSON.stringify(lines)).toContain('Winnow is running on');
  place.post('The export crashes');
  await place.type();
  await place.slack.waitFor(() => place.reacted().length === 1);
});

test('a fault ends it with 1', async () => {
  const place = await openPlace();
  place.slack.faults.add({ kind: 'error', method: 'auth.test', error: 'token_revoked' });
  const { code, lines } = await place.run('doctor.ts', ['--json']);
  expect(code).toBe(1);
  expect(lines).toEqual([expect.objectContaining({ ok: false })]);
});

test('an unknown option is refused with those that there are', async () => {
  const place = await openPlace();
  const { code, said } = await place.run('doctor.ts', ['--fix']);
  expect(code).toBe(2);
  expect(said).toMatch(/--fix[\s\S]*--json/);
});

test('a start that fails says all that is wrong', async () => {
  const place = await openPlace();
  const { code, said } = await place.start({ CLAUDE_MODEL: 'claude-none', CLAIM_EMOJI: 'nowhere' })
    .ended;
  expect(code).toBe(1);
  expect(said).toMatch(/^CLAUDE_MODEL: claude-none cannot be used/);
  expect(said).toContain('What npm run doctor says:');
  expect(said).toContain('The workspace does not have the emoji nowhere of CLAIM_EMOJI.');
  expect(said).toContain('will be made');
  expect(said).not.toContain('Winnow is running');
});

test('a database that is damaged is not taken for one that somebody else has', async () => {
  const place = await openPlace();
  writeFileSync(place.database, 'This is a letter. '.repeat(500));
  const { code, said } = await place.start().ended;
  expect(code).toBe(1);
  expect(said).toContain('is no database, or a damaged one');
  expect(said).not.toContain('Winnow is running');
});
