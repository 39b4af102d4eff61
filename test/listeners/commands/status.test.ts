import { describe, expect, test } from 'vitest';
import { lookUpNames } from '../../../src/jobs/intake/names.ts';
import { onCommand } from '../../../src/listeners/commands/classify-feedback.ts';
import { type Stage, startWith } from '../../harness.ts';

/** The line of the answer that begins so; undefined when it has none. */
async function line(stage: Stage, heading: string): Promise<string | undefined> {
  const lines = (await stage.type('status')).split('\n');
  return lines.find((each) => each.startsWith(`*${heading}*`));
}

describe('status', () => {
  test('tells what is pending and for how much, what is going on, and when it ended', async () => {
    const stage = await startWith(['It crashes', 'I love it']);
    const { claude, context } = stage;
    await lookUpNames(context);
    expect(await stage.type('status')).toMatch(
      /^\*Pending\*: 2 messages, for at most about \$0\.\d{4}\n\*Run\*: none\n\*Cost this month\*: \$0\.00\n\*Next on schedule\*: summary <!date/,
    );
    claude.holdBatches(true);
    await stage.type();
    expect(await line(stage, 'Run')).toMatch(
      /^\*Run\*: begun <!date[^>]*> by ana; collecting its 2 messages$/,
    );
    await stage.step();
    expect(await line(stage, 'Pending')).toBe('*Pending*: nothing');
    expect(await line(stage, 'Run')).toMatch(/ by ana; classifying, 0 of 2$/);
    claude.holdBatches(false);
    await stage.settle();
    expect(await line(stage, 'Run')).toMatch(/^\*Run\*: none; the last one ended <!date[^>]*>$/);
    expect(await line(stage, 'Needs attention')).toMatch(
      /^\*Needs attention\*: 1 message, the oldest since <!date/,
    );
    expect(await line(stage, 'Cost this month')).toMatch(/^\*Cost this month\*: \$0\.00\d\d$/);
  });

  test('tells what waits for Claude and for whom it is canceled', async () => {
    const stage = await startWith(['It crashes']);
    stage.claude.holdBatches(true);
    await stage.type();
    await stage.step();
    await stage.type('cancel');
    expect(await line(stage, 'Run')).toMatch(/; being canceled by ana$/);
    await stage.context.db.updateTable('runs').set({ trouble: 'no <credit> left' }).execute();
    expect(await line(stage, 'It has to wait')).toBe('*It has to wait*: no &lt;credit&gt; left');
  });

  test('tells what has been classified since the last summary', async () => {
    const stage = await startWith(['It crashes when I save', 'I love it', 'lunch']);
    await stage.type();
    await stage.settle();
    expect(await line(stage, 'Classified since the last summary')).toBeUndefined();
    await stage.context.db.updateTable('messages').set({ digest: null }).execute();
    expect(await line(stage, 'Classified since the last summary')).toBe(
      '*Classified since the last summary*: 3 messages, 1 of them needs attention',
    );
    await stage.context.db
      .updateTable('messages')
      .set({ state: 'dead' })
      .where('ts', '=', stage.sent[2] ?? '')
      .execute();
    expect(await line(stage, 'Classified since the last summary')).toMatch(
      /: 2 messages, 1 of them needs attention; 1 could not be classified$/,
    );
  });

  test('tells how many posts and reactions are on their way', async () => {
    const stage = await startWith(['It crashes']);
    await stage.type();
    stage.slack.faults.add({ method: 'chat.postMessage', kind: 'status', status: 503, times: 1 });
    await stage.settle(() => stage.slack.callCounts.get('chat.postMessage') === 1);
    expect(await stage.type('status')).toMatch(
      /\*On their way to Slack\*: \d posts? (and|or) reactions?/,
    );
  });

  test.each([
    ['missing_scope', /\(missing_scope\)\. For your Winnow admin: .* from manifest\.yml/],
    ['not_allowed_token_type', /begins with xoxb-/],
    ['access_denied', /admin of the workspace/],
    ['team_access_not_granted', /owner of the organization/],
    ['enterprise_is_restricted', /Install it in the workspace itself/],
    ['message_limit_exceeded', /reached its message limit/],
    ['team_added_to_org', /nothing has to be changed/],
  ])('tells what has to be mended before they can go on: %s', async (error, advice) => {
    const stage = await startWith(['It crashes']);
    const mend = stage.slack.faults.add({
      method: 'chat.postMessage',
      kind: 'error',
      error,
      times: Number.POSITIVE_INFINITY,
    });
    await stage.type();
    await stage.step();
    await stage.step();
    expect(await line(stage, 'Waiting')).toMatch(advice);
    mend();
    await stage.settle();
    expect(await line(stage, 'Waiting')).toBeUndefined();
  });

  test('tells what was not possible, and what can be done about it', async () => {
    const stage = await startWith(['I love it']);
    stage.slack.faults.add({ method: 'reactions.add', kind: 'error', error: 'too_many_emoji' });
    await stage.type();
    await stage.settle();
    expect(await line(stage, 'Not possible')).toBe(
      '*Not possible*: 1 post or reaction in 7 days (too_many_emoji). Slack allows no more reactions there. Nothing is lost.',
    );
    await stage.context.db.updateTable('outbox').set({ trouble: 'some<thing>' }).execute();
    expect(await line(stage, 'Not possible')).toContain('(some&lt;thing&gt;). Your Winnow admin');
  });

  test('numbers are written as the asker writes them', async () => {
    const stage = await startWith(['It crashes']);
    const { context } = stage;
    await context.db
      .updateTable('users')
      .set({ locale: 'de-DE', time_zone: 'Europe/Berlin' })
      .execute();
    const [row] = await context.db.selectFrom('messages').selectAll().execute();
    if (!row) throw new Error('no message');
    const more = Array.from({ length: 1233 }, (_, n) => ({
      ...row,
      ts: `17000${String(n).padStart(5, '0')}.000000`,
    }));
    await context.db.insertInto('messages').values(more).execute();
    expect(await line(stage, 'Pending')).toMatch(/^\*Pending\*: 1\.234 messages/);
    expect(await line(stage, 'Next on schedule')).toContain('<!date');
  });
});

describe('the cost of this month', () => {
  /** What the month has cost, with a batch of 1 $ on each of these moments. */
  async function spendAt(
    now: string,
    timeZone: string,
    moments: string[],
    nano: number | null = 1e9,
  ) {
    const stage = await startWith([]);
    const { context, channel, user } = stage;
    const run = await context.db
      .insertInto('runs')
      .values({
        channel,
        stage: 'done',
        cause: 'schedule',
        requested_by: null,
        with_digest: 1,
        taxonomy_version: 1,
        model: 'claude-haiku-5-5',
        claim_until: 0,
        created_at: 0,
        ended_at: 1,
        canceled_by: null,
        trouble: null,
        stale_since: null,
        stale_at: null,
        published_at: null,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    for (const moment of moments) {
      await context.db
        .insertInto('batches')
        .values({
          run: run.id,
          stage: 'collected',
          claude_id: null,
          submitted_at: Date.parse(moment),
          ended_at: null,
          next_at: 0,
          nano_usd: nano,
        })
        .execute();
    }
    const there = {
      ...context,
      settings: { ...context.settings, timeZone },
      clock: { ...context.clock, now: () => Date.parse(now) },
    };
    const command = { channel_id: channel, user_id: user, trigger_id: 't', text: 'status' };
    const answer = String(await onCommand(there, command));
    return /\*Cost this month\*: (.*)/.exec(answer)?.[1];
  }

  test.each([
    // The clocks go back on the first itself.
    ['America/New_York', '2026-11-15T12:00:00Z', '2026-11-01T04:00:00Z'],
    // After the clocks were changed, and before.
    ['Europe/Paris', '2026-11-30T22:59:59Z', '2026-10-31T23:00:00Z'],
    ['Europe/Paris', '2026-04-01T00:00:00Z', '2026-03-31T22:00:00Z'],
    // By half an hour.
    ['Australia/Lord_Howe', '2026-04-20T00:00:00Z', '2026-03-31T13:00:00Z'],
    ['Australia/Lord_Howe', '2026-10-31T12:00:00Z', '2026-09-30T13:30:00Z'],
    ['Asia/Kathmandu', '2026-12-31T00:00:00Z', '2026-11-30T18:15:00Z'],
  ])('in %s at %s it begins at %s', async (timeZone, now, begin) => {
    const before = new Date(Date.parse(begin) - 1).toISOString();
    expect(await spendAt(now, timeZone, [before])).toBe('$0.00');
    expect(await spendAt(now, timeZone, [before, begin, now])).toBe('$2.00');
  });

  test('has in it what grouping has cost', async () => {
    const stage = await startWith(['Please add a dark mode', 'A dark mode for the editor, please']);
    await stage.type();
    await stage.settle();
    const { context } = stage;
    await context.db.updateTable('batches').set({ nano_usd: 1e9 }).execute();
    await context.db.updateTable('groupings').set({ nano_usd: 2e9 }).execute();
    expect(await line(stage, 'Cost this month')).toBe('*Cost this month*: $3.00');
    await context.db.updateTable('groupings').set({ nano_usd: null }).execute();
    expect(await line(stage, 'Cost this month')).toMatch(/: not known/);
  });

  test('is not known where a price is not', async () => {
    const now = '2026-11-15T12:00:00Z';
    expect(await spendAt(now, 'UTC', [now], null)).toBe(
      'not known, because the price of a model is not',
    );
  });

  test('is that of this channel', async () => {
    const stage = await startWith(['It crashes']);
    await stage.type();
    await stage.settle();
    const other = stage.slack.addChannel({ name: 'other', members: [stage.user] });
    stage.slack.inviteBot(other, stage.user);
    await stage.slack.idle();
    expect(await stage.type('status', { channel: other })).toContain('*Cost this month*: $0.00\n');
    expect(await line(stage, 'Cost this month')).not.toContain('$0.00\n');
  });
});
