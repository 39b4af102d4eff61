import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { DEFAULT_EMOJI } from '../src/core/people/acts.ts';
import { DEFAULT_TAXONOMY, taxonomySchema } from '../src/core/runs/taxonomy.ts';
import { createMetrics } from '../src/health/metrics.ts';
import { SUBCOMMANDS } from '../src/listeners/commands/classify-feedback.ts';
import { listSubcommands } from '../src/listeners/commands/help.ts';
import { SETTING_NAMES } from '../src/settings-schema.ts';
import { renderTriage } from '../src/slack/blocks/people/triage.ts';
import { renderForgetWords } from '../src/slack/blocks/privacy/forget.ts';

/** What people read says what the code does: settings, the manifest, the example taxonomy. */

const ROOT = path.join(import.meta.dirname, '..');
const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');

const files = readdirSync(path.join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({ file, content: read(path.join('src', file)) }));

const code = files.map(({ content }) => content).join('\n');

/** The store calls nobody: there `users.role` is a column. */
const callers = files
  .filter(({ file }) => !file.startsWith(`store${path.sep}`))
  .map(({ content }) => content)
  .join('\n');

const PAGES = readdirSync(path.join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.md'))
  .map((file) => `docs/${file}`)
  .concat('README.md');

const manifest = parse(read('manifest.yml'));

test('.env.example has every setting, and no other', () => {
  const names = [...read('.env.example').matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name);
  expect(names.sort()).toEqual([...SETTING_NAMES].sort());
});

test('the page of the settings has every one in its table, and no other', () => {
  const names = [...read('docs/settings.md').matchAll(/^\| `([A-Z_]+)` +\|/gm)].map(
    ([, name]) => name,
  );
  expect(names.sort()).toEqual([...SETTING_NAMES].sort());
});

test('it tells which emoji mean what by default', () => {
  const rows = read('docs/settings.md').matchAll(/^\| `([A-Z]+)_EMOJI` .*\| `(\S+)` +\|$/gm);
  const told = [...rows].map(([, kind, name]) => [kind?.toLowerCase(), name]);
  expect(Object.fromEntries(told)).toEqual(DEFAULT_EMOJI);
});

test('the page for operators explains every warning and error, and no other', () => {
  const [, page = ''] = read('docs/operate.md').split('## What each warning and error means');
  const explained = [...page.matchAll(/^\| `([^`]+)` \|/gm)];
  const lines = explained.map(([, line]) => line ?? '');
  expect(lines.toSorted()).toEqual([...listWarnings(code)].sort());
});

test('the page for operators explains every metric, and no other', async () => {
  const metrics = await createMetrics({ now: () => 0, sleep: async () => {} }).render();
  const known = [...metrics.matchAll(/^# TYPE (winnow_\S+)/gm)].map(([, name]) => name);
  const explained = read('docs/operate.md').matchAll(/`(winnow_\w+)/g);
  expect([...new Set([...explained].map(([, name]) => name))].sort()).toEqual(known.sort());
});

/** What is logged as a warning or an error: literals of the calls, and of what they name. */
function listWarnings(source: string): Set<string> {
  const calls = source.split(/\blog\??\.(?:warn|error)\(/i).slice(1);
  const named = source.match(
    /^const ENDS = new Map\(\[.*?^\]\);|^export const HELD_BACK = .*?;$/gms,
  );
  const texts = [
    ...calls.map(cutCall),
    ...(named ?? []),
    ...(source.match(/const trouble = '.*?';/g) ?? []),
  ];
  return new Set(
    texts.flatMap((text) =>
      [...text.matchAll(/'((?:[^'\\]|\\.)*)'|"([^"]*)"/g)]
        .map(([, single, double]) => single ?? double ?? '')
        // A sentence, not the name of a field or a code.
        .filter((words) => words.includes(' ')),
    ),
  );
}

/** The arguments of a call that has been cut off after its opening bracket. */
function cutCall(rest: string): string {
  let depth = 1;
  let quote = '';
  for (const [index, character] of [...rest].entries()) {
    if (quote) quote = character === quote ? '' : quote;
    else if (`'"\``.includes(character)) quote = character;
    else if ('([{'.includes(character)) depth++;
    else if (')]}'.includes(character)) depth--;
    if (depth === 0) return [...rest].slice(0, index).join('');
  }
  return rest;
}

test('the example taxonomy is the built-in one', () => {
  expect(taxonomySchema.parse(parse(read('docs/taxonomy.example.yml')))).toEqual(DEFAULT_TAXONOMY);
});

test('README and docs name only files that are there', () => {
  const missing = PAGES.flatMap((page) =>
    [...read(page).matchAll(/`([\w-]+\/[\w./-]+\.(?:ts|yml))`/g)]
      .map(([, file]) => file ?? '')
      // The code is named as it stands in src.
      .filter((file) => !['', 'src'].some((folder) => existsSync(path.join(ROOT, folder, file))))
      .map((file) => `${page}: ${file}`),
  );
  expect(missing).toEqual([]);
});

test('the page of the permissions has every scope of the manifest, and no other', () => {
  const rows = [...read('docs/permissions.md').matchAll(/^\| (`[^|]+`) +\|/gm)];
  const named = rows.flatMap(([, scopes = '']) => [...scopes.matchAll(/`([\w:]+)`/g)]);
  expect(named.map(([, scope]) => scope).sort()).toEqual(manifest.oauth_config.scopes.bot);
});

test('what README and docs link to is there', () => {
  const missing = PAGES.flatMap((page) =>
    [...read(page).matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !/^(?:https?:|#)/.test(target))
      .filter((target) => !existsSync(path.join(ROOT, path.dirname(page), target)))
      .map((target) => `${page}: ${target}`),
  );
  expect(missing).toEqual([]);
});

/** Which scopes each Web API method and event asks for (docs.slack.dev, November 2026). */
const SCOPES_OF: Record<string, string[]> = {
  'auth.test': [],
  'chat.postMessage': ['chat:write'],
  'chat.postEphemeral': ['chat:write'],
  'chat.update': ['chat:write'],
  'conversations.history': ['channels:history', 'groups:history'],
  'conversations.info': ['channels:read', 'groups:read'],
  'conversations.members': ['channels:read', 'groups:read'],
  'conversations.open': ['im:write'],
  'conversations.replies': ['channels:history', 'groups:history'],
  'emoji.list': ['emoji:read'],
  'files.completeUploadExternal': ['files:write'],
  'files.getUploadURLExternal': ['files:write'],
  'files.info': ['files:read'],
  'reactions.add': ['reactions:write'],
  'reactions.remove': ['reactions:write'],
  'users.conversations': ['channels:read', 'groups:read'],
  'users.info': ['users:read'],
  'views.open': [],
  'views.publish': [],
  'views.push': [],
  'views.update': [],
  app_home_opened: [],
  app_mention: ['app_mentions:read'],
  channel_archive: ['channels:read'],
  channel_id_changed: ['channels:read', 'groups:read'],
  channel_left: ['channels:read'],
  channel_rename: ['channels:read'],
  channel_unarchive: ['channels:read'],
  emoji_changed: ['emoji:read'],
  file_change: ['files:read'],
  group_archive: ['groups:read'],
  group_left: ['groups:read'],
  group_rename: ['groups:read'],
  group_unarchive: ['groups:read'],
  member_joined_channel: ['channels:read', 'groups:read'],
  member_left_channel: ['channels:read', 'groups:read'],
  'message.channels': ['channels:history'],
  'message.groups': ['groups:history'],
  'message.im': ['im:history'],
  reaction_added: ['reactions:read'],
  reaction_removed: ['reactions:read'],
  user_change: ['users:read'],
};

const methods = new Set(
  [
    ...callers.matchAll(
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

const events = [...code.matchAll(/app\.event\('(\w+)'/g)].flatMap(([, event]) =>
  event === 'message' ? ['message.channels', 'message.groups', 'message.im'] : (event ?? []),
);

test('the manifest asks for exactly the scopes that the code uses', () => {
  const used = [...methods, ...events];
  expect(used.filter((one) => !(one in SCOPES_OF))).toEqual([]);
  // Of the command and the shortcut.
  const needed = new Set(['commands', ...used.flatMap((one) => SCOPES_OF[one] ?? [])]);
  expect(manifest.oauth_config.scopes.bot).toEqual([...needed].sort());
});

test('every method that is called is paced at a rate of its own', () => {
  const limits = read('src/slack/limits.ts');
  expect([...methods].filter((method) => !limits.includes(`'${method}'`))).toEqual([]);
});

test('the manifest subscribes to exactly the events that the code listens to', () => {
  expect(manifest.settings.event_subscriptions.bot_events).toEqual(events.toSorted());
});

test('the manifest has exactly the commands that the code answers', () => {
  const commands = [...code.matchAll(/COMMAND = '(\/[\w-]+)'/g)].map(([, command]) => command);
  const listed = manifest.features.slash_commands.map(
    ({ command }: { command: string }) => command,
  );
  expect(commands).toEqual(listed);
  expect(manifest.settings.interactivity.is_enabled).toBe(/app\.action\(/.test(code));
});

test('README, help and the hint beneath the command name every sub-command, and no other', () => {
  const words = Object.keys(SUBCOMMANDS).sort();
  // The command alone is `run`.
  const rows = [...read('README.md').matchAll(/^\| `\/classify-feedback ?([a-z]*)/gm)];
  expect(rows.map(([, word]) => word || 'run').sort()).toEqual(words);
  const lines = [...listSubcommands(SUBCOMMANDS).matchAll(/^• `\/classify-feedback ([a-z]+)/gm)];
  expect(lines.map(([, word]) => word).sort()).toEqual(words);
  const [{ usage_hint: hint }] = manifest.features.slash_commands;
  expect([...hint.matchAll(/[a-z]+/g)].map(([word]) => word).sort()).toEqual(words);
});

test('the manifest has exactly the message shortcuts that the code answers', () => {
  const answered = [...code.matchAll(/_SHORTCUT = '(\w+)'/g)].map(([, id]) => id);
  expect(answered).toHaveLength([...code.matchAll(/app\.shortcut\(/g)].length);
  const listed = manifest.features.shortcuts.map(
    ({ type, callback_id }: { type: string; callback_id: string }) => `${type} ${callback_id}`,
  );
  expect(listed).toEqual(answered.map((id) => `message ${id}`));
});

test('a shortcut opens a modal of the same name', () => {
  const view = renderTriage({ kind: 'refused', why: 'deleted' }, DEFAULT_TAXONOMY, {
    workspaceUrl: '',
    timeZone: 'UTC',
    nameOf: () => undefined,
    hosted: null,
    emoji: DEFAULT_EMOJI,
  });
  const names = manifest.features.shortcuts.map(({ name }: { name: string }) => name);
  expect(names).toEqual([view.title.text, renderForgetWords('message', '').title.text]);
});

test("the manifest keeps to Slack's limits", () => {
  const { name, description, long_description } = manifest.display_information;
  expect(name.length).toBeLessThanOrEqual(35);
  expect(description.length).toBeLessThanOrEqual(140);
  expect(long_description.length).toBeGreaterThanOrEqual(175);
  expect(long_description.length).toBeLessThanOrEqual(4000);
  for (const command of manifest.features.slash_commands) {
    expect(command.command.length).toBeLessThanOrEqual(32);
  }
  for (const shortcut of manifest.features.shortcuts) {
    expect(shortcut.name.length).toBeLessThanOrEqual(24);
    expect(shortcut.description.length).toBeLessThanOrEqual(150);
  }
});
