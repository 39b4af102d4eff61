import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { SETTING_NAMES } from '../src/config.ts';
import { DEFAULT_TAXONOMY, taxonomySchema } from '../src/core/taxonomy.ts';

/** What people read says what the code does: settings, the manifest, the example taxonomy. */

const ROOT = path.join(import.meta.dirname, '..');
const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');

const code = readdirSync(path.join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => read(path.join('src', file)))
  .join('\n');

const manifest = parse(read('manifest.yml'));

test('.env.example has every setting, and no other', () => {
  const names = [...read('.env.example').matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name);
  expect(names.sort()).toEqual([...SETTING_NAMES].sort());
});

test('README has every setting in its table, and no other', () => {
  const names = [...read('README.md').matchAll(/^\| `([A-Z_]+)` +\|/gm)].map(([, name]) => name);
  expect(names.sort()).toEqual([...SETTING_NAMES].sort());
});

test('the example taxonomy is the built-in one', () => {
  expect(taxonomySchema.parse(parse(read('docs/taxonomy.example.yml')))).toEqual(DEFAULT_TAXONOMY);
});

/** Which scopes each Web API method, event and feature asks for (docs.slack.dev, November 2026). */
const SCOPES_OF: Record<string, string[]> = {
  'auth.test': [],
  'chat.postMessage': ['chat:write'],
  'chat.postEphemeral': ['chat:write'],
  'conversations.history': ['channels:history', 'groups:history'],
  'conversations.replies': ['channels:history', 'groups:history'],
  'reactions.add': ['reactions:write'],
  'reactions.remove': ['reactions:write'],
  'users.conversations': ['channels:read', 'groups:read'],
  'users.info': ['users:read'],
};

const methods = new Set(
  [
    ...code.matchAll(
      /'((?:auth|chat|conversations|reactions|users|views|files|emoji|bots|team)\.\w+)'/g,
    ),
  ].map(([, method]) => method ?? ''),
);
// Rates are kept for methods that nothing calls yet; only calls count.
for (const [, method] of read('src/slack/limits.ts').matchAll(/'([a-z]+\.\w+)'/g)) {
  const elsewhere =
    code.split(`'${method}'`).length - read('src/slack/limits.ts').split(`'${method}'`).length;
  if (method && elsewhere === 0) methods.delete(method);
}

test('the manifest asks for exactly the scopes that the code uses', () => {
  const unknown = [...methods].filter((method) => !(method in SCOPES_OF));
  expect(unknown).toEqual([]);
  const needed = new Set([...methods].flatMap((method) => SCOPES_OF[method] ?? []));
  needed.add('commands');
  expect(manifest.oauth_config.scopes.bot.toSorted()).toEqual([...needed].sort());
});

test('the manifest subscribes to exactly the events that the code listens to', () => {
  const listened = [...code.matchAll(/app\.event\('(\w+)'/g)].flatMap(([, event]) =>
    event === 'message' ? ['message.channels', 'message.groups'] : (event ?? []),
  );
  expect(manifest.settings.event_subscriptions.bot_events.toSorted()).toEqual(listened.sort());
});

test('the manifest has exactly the commands that the code answers', () => {
  const commands = [...code.matchAll(/COMMAND = '(\/[\w-]+)'/g)].map(([, command]) => command);
  const listed = manifest.features.slash_commands.map(
    ({ command }: { command: string }) => command,
  );
  expect(commands).toEqual(listed);
  expect(manifest.settings.interactivity.is_enabled).toBe(/app\.action\(/.test(code));
});

test("the manifest keeps to Slack's limits", () => {
  const { name, description, long_description } = manifest.display_information;
  expect(name.length).toBeLessThanOrEqual(35);
  expect(description.length).toBeLessThanOrEqual(140);
  expect(long_description.length).toBeGreaterThanOrEqual(175);
  expect(long_description.length).toBeLessThanOrEqual(4000);
});
