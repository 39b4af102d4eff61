import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { sweep } from '../../src/jobs/intake/sweep.ts';
import { advanceRuns } from '../../src/jobs/runs/advance.ts';
import { type Stage, startStage } from '../harness.ts';

async function withPending(texts: string[]): Promise<Stage> {
  const stage = await startStage();
  await stage.connect();
  const { slack, channel, user } = stage;
  for (const text of texts) slack.post({ channel, user, text });
  await slack.idle();
  return stage;
}

describe('/classify-feedback', () => {
  test.each(['', 'run', '  RUN '])(
    '“%s” starts a run and says how much and where',
    async (text) => {
      const stage = await withPending(['It crashes', 'I love it']);
      expect(await stage.type(text)).toMatch(
        new RegExp(
          `^Classifying 2 pending messages for at most about \\$0\\.\\d{4}\\. A post in <#${stage.channel}> shows the progress and becomes the summary`,
        ),
      );
      expect(stage.woken).toContain('command');
      expect(stage.slack.ephemerals(stage.user)).toHaveLength(1);
      expect(stage.posts()).toEqual([]);
    },
  );

  test('with nothing pending it says so, tells when the next one is, and posts nothing', async () => {
    const stage = await withPending([]);
    expect(await stage.type()).toMatch(
      /^Nothing is pending: .*\*Next on schedule\*: summary <!date/,
    );
    await stage.settle();
    expect(stage.posts()).toEqual([]);
    expect(stage.claude.batches()).toEqual([]);
  });

  test('typed while a run is going, it tells of that run and of what the next one will have', async () => {
    const stage = await withPending(['It crashes']);
    await stage.type();
    await stage.step();
    stage.slack.post({ channel: stage.channel, user: stage.user, text: 'later' });
    await stage.slack.idle();
    const answer = await stage.type();
    expect(answer).toMatch(/^A run is already in progress, started <!date/);
    expect(answer).toContain('1 newer message will be in the next one');
    await stage.settle();
    expect(stage.claude.batches()).toHaveLength(1);
    expect(
      stage.posts().filter(({ metadata }) => metadata?.event_type === 'winnow_digest'),
    ).toHaveLength(1);
  });

  test('typed by many at once, one run is started', async () => {
    const stage = await withPending(['It crashes']);
    const people = ['ben', 'cho', 'dan'].map((name) => stage.slack.addUser({ name }));
    const answers = await Promise.all(people.map((user) => stage.type('', { user })));
    expect(answers.filter((answer) => answer.startsWith('Classifying'))).toHaveLength(1);
    expect(answers.filter((answer) => answer.startsWith('A run is already'))).toHaveLength(2);
  });

  test('an unknown word is named, made harmless, with what there is instead', async () => {
    const stage = await withPending(['It crashes']);
    const answer = await stage.type('explode <!channel> `now`');
    expect(answer).toMatch(/^Unknown command `explode/);
    expect(answer).toContain('`/classify-feedback status`');
    const shown = stage.slack.ephemerals(stage.user).at(-1);
    expect(shown && stage.slack.pings(shown)).toEqual([]);
    expect(await stage.type('status')).toContain('*Run*: none');
  });

  test('a word that is nearly one of ours is answered with that one', async () => {
    const stage = await withPending(['It crashes']);
    expect(await stage.type('statsu')).toMatch(
      /^Unknown command `statsu`\. Did you mean `\/classify-feedback status`\?/,
    );
    for (const nearRun of ['rnu', 'classfy', 'strat']) {
      expect(await stage.type(nearRun)).not.toMatch(/Did you mean `\/classify-feedback run`/);
    }
    expect(await stage.type('stop')).toContain('Did you mean `/classify-feedback cancel`?');
    expect(await stage.rows(sql`select id from runs`)).toEqual([]);
  });

  test('help lists every sub-command, also where the bot is no member', async () => {
    const stage = await withPending([]);
    const channel = stage.slack.addChannel({ name: 'random', members: [stage.user] });
    const answer = await stage.type('help', { channel });
    for (const word of ['run', 'status', 'help']) {
      expect(answer).toContain(`/classify-feedback ${word}`);
    }
  });
});

describe('typed in another channel', () => {
  test('where the bot is no member, it says how to mend that and where it is', async () => {
    const stage = await withPending(['It crashes']);
    const channel = stage.slack.addChannel({ name: 'random', members: [stage.user] });
    const answer = await stage.type('', { channel });
    expect(answer).toMatch(/^I am not a member of this channel.*`\/invite`/);
    expect(answer).toContain(`<#${stage.channel}>`);
  });

  test('that FEEDBACK_CHANNELS leaves out, it names the setting', async () => {
    const stage = await startStage({ settings: { feedbackChannels: ['C0ELSEWHERE'] } });
    await stage.connect();
    expect(await stage.type()).toMatch(/^I do not collect feedback here\..*FEEDBACK_CHANNELS/);
  });

  test('after the bot was removed, it says that it is no member', async () => {
    const stage = await withPending(['It crashes']);
    stage.slack.removeBot(stage.channel);
    await stage.slack.idle();
    expect(await stage.type()).toMatch(/^I am not a member of this channel/);
  });
});

test('it is answered within its time while many results are being collected', async () => {
  // Slack's own three seconds: what takes longer is no answer.
  const stage = await startStage();
  await stage.connect();
  const { slack, channel, user, context } = stage;
  for (let n = 0; n < 1000; n++) {
    slack.post({ channel, user, text: `It crashes at step ${n}`, silent: true });
  }
  await sweep(context);
  expect(await stage.type()).toMatch(/^Classifying 1,000 pending messages/);
  await advanceRuns(context);
  await stage.claude.waitFor(() => stage.claude.batches()[0]?.status === 'ended');
  stage.clock.jump(2000);
  const collecting = advanceRuns(context);
  const isCollected = async () => {
    const left = await stage.rows(sql`select id from batches where stage != 'collected'`);
    return left.length === 0;
  };
  let answers = 0;
  do {
    expect(await stage.type('status')).toContain('*Run*');
    answers++;
  } while (!(await isCollected()));
  await collecting;
  expect(answers).toBeGreaterThan(3);
  // Hundreds need attention, and seven of them have cards.
  const [{ cards, flagged } = { cards: 0, flagged: -1 }] = await stage.rows(
    sql<{ cards: number; flagged: number }>`
      select (select count(*) from outbox where key like 'card-%') as cards,
        (select count(*) from verdicts where flagged = 1) as flagged`,
  );
  expect(cards).toBe(7);
  expect(flagged).toBeGreaterThan(800);
});

test('an answer that is too long for an acknowledgement comes all the same', async () => {
  const stage = await startStage();
  await stage.connect();
  const { slack, user, context } = stage;
  const elsewhere = slack.addChannel({ name: 'elsewhere', members: [user] });
  await context.db
    .insertInto('channels')
    .values(
      Array.from({ length: 1500 }, (_, n) => ({
        id: `C0MANY${n}`,
        name: null,
        state: 'member' as const,
        since_ts: null,
        swept_ts: null,
        invited_by: null,
        offer: 'none' as const,
      })),
    )
    .execute();
  const command = { command: '/classify-feedback', text: 'status', user, channel: elsewhere };
  expect(await slack.command(command)).toMatchObject({ acked: true });
  const published = await slack.waitFor(() => slack.ephemerals(user)[0]);
  expect(published.text).toContain('<#C0MANY1499>');
  expect(slack.sockets.count()).toBe(1);
});
