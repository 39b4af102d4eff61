import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { DEFAULT_SCOPES } from '../../../sim/slack/slack-sim.ts';
import type { SimMessage } from '../../../sim/slack/types.ts';
import { sweep } from '../../../src/jobs/intake/sweep.ts';
import { type Stage, type StageOptions, startWith } from '../../harness.ts';
import { onPostgres } from '../../postgres/fresh-workspace.ts';
import { ALONE, DARK, startThemed } from '../../themes/stage.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

const shared = ({ slack, user }: Stage): SimMessage[] => {
  const im = slack.direct(user);
  return im === undefined ? [] : slack.messages(im);
};

function read(stage: Stage, post: SimMessage | undefined) {
  const file = stage.slack.file(String(post?.files?.[0]?.id));
  if (!file) throw new Error('no file was shared');
  return { name: file.name, text: file.bytes.toString('utf8') };
}

const states = async (stage: Stage) =>
  (await stage.rows(sql<{ state: string }>`select state from exports order by id`)).map(
    ({ state }) => state,
  );

const told = ({ slack, user }: Stage) => slack.ephemerals(user).map(({ text }) => text);

/** A stage where an export was asked for, of messages that were classified. */
async function startAsked(
  texts = ['It crashes when I save', 'I love it'],
  { words = 'csv', ...options }: StageOptions & { words?: string } = {},
) {
  const stage = await startWith(texts, options);
  // Brings the channel's name.
  await sweep(stage.context, { lookBackMs: 0 });
  await stage.type();
  await stage.settle();
  const answer = await stage.type(`export ${words}`);
  return Object.assign(stage, { answer });
}

test('the file comes as a direct message, with every message and its verdict', async () => {
  const stage = await startAsked();
  expect(stage.answer).toBe('Preparing 2 messages as CSV; you will get them in a direct message.');
  await stage.settle();
  const [post, ...more] = shared(stage);
  expect(more).toEqual([]);
  expect(post?.text).toContain(`2 messages of <#${stage.channel}>`);
  const { name, text } = read(stage, post);
  expect(name).toMatch(/^feedback-\d{4}-\d\d-\d\d\.csv$/);
  const [head, first, second, end] = text.split('\r\n');
  expect(head).toBe(
    '\uFEFFchannel,ts,link,posted_at,author,text,state,category,sentiment,urgency,gist,language,confidence,theme,flag,flag_by,corrected_by,model,taxonomy,judged_at,dismissed_as,duplicate_of,also',
  );
  expect(first).toMatch(
    new RegExp(
      `^#feedback,${stage.sent[0]},http://[^,]+/archives/${stage.channel}/p\\d+,\\d{4}-\\d\\d-\\d\\dT[^,]*Z,ana,It crashes when I save,judged,bug,`,
    ),
  );
  expect(first).toMatch(/,open,,,keyword-rules,1,\d{4}-\d\d-\d\dT[^,]*Z,,,$/);
  expect(second).toContain(',I love it,judged,praise,');
  expect(end).toBe('');
  expect(stage.posts()).toHaveLength(new Set(stage.posts().map(({ ts }) => ts)).size);
  expect(readdirSync(tmpdir()).filter((file) => file.startsWith('winnow-export-'))).toEqual([]);
});

test('as JSON it is one array', async () => {
  const stage = await startAsked(['It crashes', 'said "so",\nthen left'], { words: 'json' });
  await stage.settle();
  const { name, text } = read(stage, shared(stage)[0]);
  expect(name).toMatch(/\.json$/);
  const rows = JSON.parse(text);
  expect(rows).toHaveLength(2);
  expect(rows[1]).toMatchObject({
    channel: '#feedback',
    author: 'ana',
    text: 'said "so",\nthen left',
    state: 'judged',
    flag: null,
    corrected_by: null,
    taxonomy: 1,
  });
});

test('what was deleted, or posted before, is not in it; an edited text has no verdict of the old', async () => {
  const stage = await startWith(['deleted', 'It crashes', 'fine']);
  const { slack, channel, user, sent, clock } = stage;
  await stage.type();
  await stage.settle();
  slack.delete({ channel, ts: sent[0] ?? '' });
  slack.edit({ channel, ts: sent[1] ?? '', text: 'It works again' });
  await slack.idle();
  clock.jump(8 * DAY_MS);
  slack.post({ channel, user, text: 'new' });
  await slack.idle();
  expect(await stage.type('export json 7d')).toMatch(
    /^Preparing 1 message as JSON; you will get it/,
  );
  await stage.settle();
  const rows = async () => JSON.parse(read(stage, shared(stage).at(-1)).text);
  expect(await rows()).toMatchObject([{ text: 'new', state: 'pending', category: null }]);
  await stage.type('export json');
  await stage.settle();
  expect(await rows()).toMatchObject([
    { text: 'It works again', state: 'pending', category: null, gist: null, model: null },
    { text: 'fine', state: 'judged', category: expect.any(String) },
    { text: 'new' },
  ]);
});

test('names stand for people, and a cell that begins like a formula is no formula', async () => {
  const stage = await startAsked(['=HYPERLINK("http://evil")', '+1', '@SUM(A1)', '-2+3', '\t=1']);
  stage.slack.post({
    channel: stage.channel,
    user: stage.user,
    text: `<@${stage.user}> said &lt;b&gt;`,
  });
  await stage.slack.idle();
  await stage.settle();
  const { text } = read(stage, shared(stage)[0]);
  expect(text).toContain(`,"'=HYPERLINK(""http://evil"")",`);
  for (const cell of ["'+1", "'@SUM(A1)", "'-2+3", "'=1", "'@ana said <b>"]) {
    expect(text).toContain(`,${cell},`);
  }
  expect(text).not.toMatch(/,[=+@-]\D/);
});

test('a theme is named with its messages, one of a single message is not', async () => {
  const stage = await startThemed();
  await stage.day([...DARK, ALONE]);
  await stage.type('export json');
  await stage.settle();
  const rows = JSON.parse(read(stage, shared(stage)[0]).text);
  expect(rows.map(({ theme }: { theme: string | null }) => theme)).toEqual([
    DARK[0],
    DARK[0],
    null,
  ]);
});

test('asked for twice it is made once, and again when it is there', async () => {
  const stage = await startAsked();
  expect(await stage.type('export json')).toMatch(/^I am preparing an export .* already/);
  await stage.settle();
  expect(shared(stage)).toHaveLength(1);
  expect(await stage.type('export json')).toMatch(/^Preparing/);
  await stage.settle();
  expect(shared(stage)).toHaveLength(2);
  expect(await states(stage)).toEqual(['done', 'done']);
});

test('a restart before it is shared makes it anew, and it is shared once', async () => {
  const stage = await startAsked(undefined, { onDisk: true });
  stage.slack.faults.add({ method: 'upload', kind: 'status', status: 503 });
  await stage.step();
  expect(await states(stage)).toEqual(['asked']);
  await stage.restart();
  await stage.settle();
  expect(await states(stage)).toEqual(['done']);
  expect(shared(stage)).toHaveLength(1);
});

test.each(['hang up', 'restart'])(
  'when the answer to the sharing is lost (%s), it is not shared again',
  async (how) => {
    const stage = await startAsked(undefined, { onDisk: true });
    stage.slack.faults.add({ method: 'files.completeUploadExternal', kind: 'cut', when: 'after' });
    await stage.step();
    expect(await states(stage)).toEqual(['sending']);
    if (how === 'restart') await stage.restart();
    await stage.settle();
    expect(await states(stage)).toEqual(['done']);
    expect(shared(stage)).toHaveLength(1);
    expect(told(stage).at(-1)).toMatch(/^Preparing/);
  },
);

test('when the sharing did not reach Slack, it is shared then', async () => {
  const stage = await startAsked();
  const method = 'files.completeUploadExternal';
  stage.slack.faults.add({ method, kind: 'status', status: 502, times: 2 });
  await stage.settle();
  expect(await states(stage)).toEqual(['done']);
  expect(shared(stage)).toHaveLength(1);
  expect(stage.slack.callCounts.get('upload')).toBe(1);
});

test('a file that Slack has lost before it was shared is uploaded again', async () => {
  const stage = await startAsked();
  const method = 'files.completeUploadExternal';
  stage.slack.faults.add({ method, kind: 'error', error: 'file_not_found' });
  await stage.settle();
  expect(shared(stage)).toHaveLength(1);
  expect(stage.slack.callCounts.get('upload')).toBe(2);
});

test.each(['no restart', 'restart'])(
  'a file that Slack shares late is waited for, and sent once (%s)',
  async (how) => {
    const stage = await startAsked(undefined, { onDisk: true });
    const { slack, clock } = stage;
    slack.holdShares(true);
    await stage.step();
    expect(await states(stage)).toEqual(['accepted']);
    expect(await stage.type('export')).toMatch(/^I am preparing an export .* already/);
    if (how === 'restart') await stage.restart();
    for (let n = 0; n < 4; n++) {
      clock.jump(MINUTE_MS);
      await stage.step();
    }
    expect(await states(stage)).toEqual(['accepted']);
    slack.holdShares(false);
    clock.jump(MINUTE_MS);
    await stage.step();
    expect(await states(stage)).toEqual(['done']);
    expect(shared(stage)).toHaveLength(1);
    expect(slack.callCounts.get('files.completeUploadExternal')).toBe(1);
  },
);

test('a file that Slack never shares has failed, and can be asked for again', async () => {
  const stage = await startAsked();
  stage.slack.holdShares(true);
  await stage.settle();
  expect(await states(stage)).toEqual(['failed']);
  expect(told(stage).at(-1)).toMatch(/^Slack has taken the file .* Please ask for it again\.$/);
  stage.slack.holdShares(false);
  await stage.type('export');
  await stage.settle();
  expect(await states(stage)).toEqual(['failed', 'done']);
});

test('Slack being out while it is looked for is waited for', async () => {
  const stage = await startAsked();
  const method = 'files.info';
  stage.slack.faults.add({ method, kind: 'status', status: 503, times: 3 });
  stage.slack.faults.add({ method, kind: 'error', error: 'file_not_found', times: 2 });
  await stage.settle();
  expect(await states(stage)).toEqual(['done']);
  expect(shared(stage)).toHaveLength(1);
});

test('an app that may not look says that it cannot tell', async () => {
  const scopes = DEFAULT_SCOPES.filter((scope) => scope !== 'files:read');
  const stage = await startAsked(undefined, { slack: { scopes } });
  await stage.settle();
  expect(await states(stage)).toEqual(['done']);
  expect(told(stage).at(-1)).toMatch(/^I cannot tell whether your export arrived/);
});

test.each([
  ['conversations.open', 'team_added_to_org'],
  ['files.getUploadURLExternal', 'rate_limited'],
  ['files.completeUploadExternal', 'file_update_failed'],
  ['files.completeUploadExternal', 'org_login_required'],
])('%s refused with %s is tried again', async (method, error) => {
  const stage = await startAsked();
  stage.slack.faults.add({ method, kind: 'error', error, times: 2 });
  await stage.settle();
  expect(await states(stage)).toEqual(['done']);
  expect(shared(stage)).toHaveLength(1);
});

test.each([
  ['missing_scope', 'Install Winnow again.'],
  ['messages_tab_disabled', 'Ask the operator of Winnow to switch on the Messages tab'],
])('%s in a hosted bot: whoever asked is told who can mend it', async (error, words) => {
  const stage = await startAsked(undefined, { hosted: { key: 'own' } });
  stage.slack.faults.add({ method: 'conversations.open', kind: 'error', error });
  await stage.settle();
  expect(told(stage).at(-1)).toContain(words);
});

test.each([
  ['conversations.open', 'missing_scope', 'my app lacks a permission'],
  ['files.getUploadURLExternal', 'file_uploads_disabled', 'does not allow files'],
  ['files.getUploadURLExternal', 'file_upload_size_restricted', 'export csv 30d'],
  ['files.completeUploadExternal', 'posting_to_channel_denied', '(posting_to_channel_denied)'],
])('%s refused with %s: whoever asked is told why', async (method, error, words) => {
  const stage = await startAsked();
  stage.slack.faults.add({ method, kind: 'error', error });
  await stage.settle();
  expect(await states(stage)).toEqual(['failed']);
  expect(told(stage).at(-1)).toMatch(/^Your export could not be made: /);
  expect(told(stage).at(-1)).toContain(words);
  expect(shared(stage)).toEqual([]);
  // Mended, it can be asked for again.
  await stage.type('export');
  await stage.settle();
  expect(shared(stage)).toHaveLength(1);
});

test('somebody who is deactivated meanwhile gets no file, and none is made', async () => {
  const stage = await startAsked();
  const { slack, user } = stage;
  slack.deactivate(user);
  await stage.settle();
  expect(await states(stage)).toEqual(['failed']);
  expect(slack.callCounts.get('upload')).toBeUndefined();
  expect(shared(stage)).toEqual([]);
});

test('an app without the scopes says so, and posts nothing anywhere', async () => {
  const scopes = DEFAULT_SCOPES.filter((scope) => scope !== 'files:write');
  const stage = await startAsked(undefined, { slack: { scopes } });
  await stage.settle();
  expect(told(stage).at(-1)).toContain('files:write');
  expect(shared(stage)).toEqual([]);
});

test('Slack being out is waited for, an hour at most', async () => {
  const stage = await startAsked();
  const method = 'files.getUploadURLExternal';
  const mend = stage.slack.faults.add({ method, kind: 'status', status: 500, times: Infinity });
  await stage.settle();
  expect(await states(stage)).toEqual(['failed']);
  expect(told(stage).at(-1)).toMatch(/^Your export could not be made: Slack did not take it/);
  mend();
});

test('a limit is waited for', async () => {
  const stage = await startAsked();
  const method = 'files.completeUploadExternal';
  stage.slack.faults.add({ method, kind: 'rate_limit', retryAfter: 30 });
  await stage.settle();
  expect(await states(stage)).toEqual(['done']);
  expect(shared(stage)).toHaveLength(1);
});

test('guests and people outside of the channel get none', async () => {
  const stage = await startWith(['It crashes']);
  const guest = stage.slack.addUser({ name: 'guest', isRestricted: true });
  const stranger = stage.slack.addUser({ name: 'stranger' });
  stage.slack.join(stage.channel, guest);
  expect(await stage.type('export', { user: guest })).toMatch(/^Guests can read the summary/);
  expect(await stage.type('export', { user: stranger })).toMatch(/^Preparing 1 message as CSV/);
  await stage.settle();
  expect(stage.slack.direct(guest)).toBeUndefined();
  expect(stage.slack.direct(stranger)).toBeUndefined();
  expect(await states(stage)).toEqual(['failed']);
});

test('many messages are written page by page', async () => {
  const stage = await startWith(['first']);
  const { channel, user, context } = stage;
  const rows = Array.from({ length: 1050 }, (_, n) => ({
    channel,
    ts: `17000${String(n).padStart(5, '0')}.000000`,
    author: user,
    text: `message ${n}`,
    revision: 1,
    posted_at: 1_700_000_000_000,
    collected_at: 0,
    state: 'pending' as const,
    thread_ts: null,
    author_name: null,
    edited_ts: null,
    deleted_at: null,
    run: null,
    trouble: null,
    verdict: null,
    digest: null,
  }));
  await context.db.insertInto('messages').values(rows).execute();
  expect(await stage.type('export json')).toMatch(/^Preparing 1,051 messages/);
  await stage.settle();
  const exported = JSON.parse(read(stage, shared(stage)[0]).text);
  expect(exported).toHaveLength(1051);
  expect(new Set(exported.map(({ ts }: { ts: string }) => ts)).size).toBe(1051);
});

// With PostgreSQL an export is in the system's folder for temporary files.
test.skipIf(onPostgres)(
  'a file that a killed bot has left is removed at the next start',
  async () => {
    const stage = await startWith(['It crashes when I save'], { onDisk: true });
    const left = path.join(stage.directory ?? '', 'winnow.db-export');
    writeFileSync(left, 'It crashes when I save');
    await stage.restart();
    await stage.settle();
    expect(existsSync(left)).toBe(false);
  },
);
