import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createClaudePanel } from '../../demo/backstage/claude.ts';
import { createClaudeStandInPanel } from '../../demo/backstage/claude-stand-in.ts';
import { type BotKeeper, keepBot } from '../../demo/bot-keeper.ts';
import { listFeedback } from '../../demo/tally.ts';
import { startStandIns } from '../../sim/stand-ins.ts';
import { type Stage, startWith } from '../harness.ts';
import { findFact, logged, logOf, startDemoStage } from './stage.ts';

/** The promises in the backstage can be tried there. */

const MESSAGES = 12;

test('a bot that is killed during a batch and restarted finishes: nothing is lost or done twice', async () => {
  const demo = await startDemoStage({ messages: MESSAGES, batchMs: 3000 });
  await demo.type();
  await demo.until('a batch', () => demo.section('Claude').facts.some(isInProgress));
  const { pid } = runningBot(demo.bot);
  await demo.backstage.press('bot-kill');
  expect(demo.fact('Bot', 'Process')).toBe('killed with SIGKILL');
  expect(() => process.kill(pid, 0)).toThrow();

  await demo.backstage.press('bot-restart');
  await demo.until('another process', () => demo.bot.state().kind === 'running');
  expect(runningBot(demo.bot).pid).not.toBe(pid);
  expect(demo.fact('Bot', 'Started')).toBe('2 times');
  await demo.until('everything', () => demo.tally().classified === MESSAGES);
  await demo.until('the summary', () => demo.tally().digests === 1);
  const { reactions, classified } = demo.tally();
  expect(reactions).toBeLessThanOrEqual(classified);
  expect(demo.standIns.claude.batches()).toHaveLength(1);
});

const isInProgress = ({ label, value }: { label: string; value: string }) =>
  label.startsWith('Batch') && value.startsWith('in progress');

function runningBot(bot: BotKeeper): { pid: number } {
  const state = bot.state();
  if (state.kind === 'stopped' || !state.pid) throw new Error('the bot does not run');
  return { pid: state.pid };
}

test('the bot stops, starts and restarts, always as one process', async () => {
  const demo = await startDemoStage({ messages: 0 });
  await demo.backstage.press('bot-stop');
  expect(demo.fact('Bot', 'Process')).toBe('stopped with SIGTERM');
  const start = demo.section('Bot').controls.find(({ id }) => id === 'bot-restart');
  expect(start).toMatchObject({ label: 'Start', disabled: false });
  // Two presses at once start it once.
  await Promise.all([demo.backstage.press('bot-restart'), demo.backstage.press('bot-restart')]);
  await demo.until('running', () => demo.bot.state().kind === 'running');
  expect(demo.bot.starts()).toBe(2);
  await Promise.all([demo.backstage.press('bot-restart'), demo.backstage.press('bot-restart')]);
  await demo.until('running', () => demo.bot.state().kind === 'running');
  expect(demo.bot.starts()).toBe(3);
  await demo.until('its socket', () => demo.standIns.slack.sockets.count() === 1);
});

test('messages from while the socket is cut and refused are found in the history', async () => {
  const demo = await startDemoStage({ messages: 1, batchMs: 100 });
  // After a run it has read the history that it reads when it starts.
  const done = logged(demo.bot, 'a run is done');
  await demo.type();
  await done;
  await demo.backstage.press('socket-state', 'refused');
  await demo.until('no socket', () => demo.fact('Connection', 'Socket') === 'none is open');
  await demo.backstage.press('feedback-speed', '50');
  await demo.until(
    'some messages',
    () => demo.standIns.slack.messages(demo.standIns.channel).length > 10,
  );
  await demo.backstage.press('feedback-speed', '0');
  const { slack, channel } = demo.standIns;
  const posted = listFeedback(slack, channel).length;
  expect(demo.fact('Feedback', 'Played in')).toBe(`${posted} sample messages`);

  const swept = logged(demo.bot, 'history had what no event had brought');
  await demo.backstage.press('socket-state', 'open');
  await swept;
  await demo.until('a socket again', () => slack.sockets.count() === 1);
  // Waits for the retried events first: a command times out as in Slack.
  await slack.idle({ ignoreRetries: true });
  await demo.type();
  await demo.until('everything', () => demo.tally().classified === posted);
});

test('500 messages at once are summarised although Slack loses answers', async () => {
  const demo = await startDemoStage({ messages: 0, batchMs: 100 });
  await demo.until('its socket', () => demo.standIns.slack.sockets.count() === 1);
  await demo.backstage.press('feedback-many');
  expect(demo.fact('Feedback', 'Played in')).toBe('500 sample messages');
  const { slack } = demo.standIns;
  await slack.idle({ ignoreRetries: true });
  await demo.type();
  await demo.until('the first reactions', () => demo.tally().reactions > 10);
  await demo.backstage.press('slack-line', 'losing');
  await demo.until('a lost answer', () => slack.calls.some(({ status }) => status === 0));
  await demo.backstage.press('slack-line', 'good');
  await demo.until('everything', () => demo.tally().classified === 500);
  expect(demo.tally()).toMatchObject({ collected: 500, digests: 1 });
});

test('a day of integrations is posted at once, as often as asked', async () => {
  const demo = await startDemoStage({ messages: 0 });
  const { slack, channel } = demo.standIns;
  await demo.backstage.press('feedback-integrations');
  expect(demo.fact('Feedback', 'From integrations')).toBe('60 posts, made up');
  await demo.backstage.press('feedback-integrations');
  expect(demo.fact('Feedback', 'From integrations')).toBe('120 posts, made up');
  const posted = slack.messages(channel).filter(({ bot_id }) => bot_id !== slack.botId);
  expect(posted.filter(({ subtype }) => !subtype?.startsWith('channel_'))).toHaveLength(120);
  expect(slack.message(channel, posted.at(-1)?.ts ?? '')).toMatchObject({
    username: 'Visitor from Lima',
  });
});

test('an unknown control or choice is refused', async () => {
  const demo = await startDemoStage({ messages: 0 });
  await expect(demo.backstage.press('format-disk')).rejects.toThrow('no control format-disk');
  await expect(demo.backstage.press('claude-mood', 'angry')).rejects.toThrow('no choice angry');
  await expect(demo.backstage.press('feedback-speed', '9999')).rejects.toThrow('no choice 9999');
  await expect(demo.backstage.press('toString')).rejects.toThrow('no control toString');
});

/** The panel of the stand-in, on a stage whose jobs the test runs. */
function openClaude(stage: Stage) {
  const panel = createClaudeStandInPanel(stage.claude, { batchMs: 0, changed() {} });
  onTestFinished(() => panel.stop?.());
  return {
    panel,
    choose: (mood: string) => panel.controls['claude-mood']?.(mood),
    batch: (number: number) => findFact(panel.section(), `Batch ${number}`),
  };
}

const TEXTS = Array.from({ length: 12 }, (_, index) => `The app crashes, number ${index}`);

test('Claude fails, expires and works again: unanswered messages are asked about again', async () => {
  const stage = await startWith(TEXTS);
  const { panel, choose, batch } = openClaude(stage);
  await choose('failing');
  await stage.type();
  await stage.settle(() => stage.claude.batches()[0]?.status === 'ended');
  expect(batch(1)).toMatch(/10 answered, 2 failed$/);
  await stage.settle();
  await choose('expiring');
  await stage.type();
  await stage.settle();
  expect(batch(2)).toMatch(/2 answered, 2 expired$/);
  await choose('normal');
  await stage.type();
  await stage.settle();
  expect(batch(3)).toMatch(/2 answered$/);
  for (const ts of stage.sent) expect(stage.reactionsOf(ts)).toContain('bug');
  expect(logOf(panel)).toEqual(
    expect.arrayContaining([
      'Batch 1 is made: 12 requests',
      'Batch 1: its results are read',
      'From now on: works',
      'Batch 3 has ended: 2 answered',
    ]),
  );
  expect(findFact(panel.section(), 'So far')).toMatch(/^\d+ calls, [\d,]+ tokens in, [\d,]+ out$/);
});

test('Claude loses its answer: the batch is found, not created twice', async () => {
  const stage = await startWith(TEXTS);
  const { panel, choose } = openClaude(stage);
  await choose('losing');
  await stage.type();
  await stage.settle();
  expect(stage.claude.batches()).toHaveLength(1);
  expect(logOf(panel)).toContain('Batch 1: the answer was lost');
  for (const ts of stage.sent) expect(stage.reactionsOf(ts)).toContain('bug');
});

test('Claude is overloaded: every refused call is logged, and later the run goes on', async () => {
  const stage = await startWith(TEXTS);
  const { panel, choose } = openClaude(stage);
  await choose('overloaded');
  await stage.type();
  await stage.settle(() => logOf(panel).some((text) => text.includes('529 overloaded_error')));
  expect(stage.claude.batches()).toEqual([]);
  await choose('normal');
  await stage.settle();
  for (const ts of stage.sent) expect(stage.reactionsOf(ts)).toContain('bug');
});

test('Claude is slow: its batches end when it works again', async () => {
  const stage = await startWith(TEXTS);
  const { choose, batch } = openClaude(stage);
  await choose('slow');
  await stage.type();
  await stage.settle(() => stage.claude.batches().length === 1);
  expect(batch(1)).toMatch(/^in progress/);
  await choose('normal');
  expect(batch(1)).toMatch(/12 answered$/);
});

test('with a key, the panel says when Claude cannot be reached', async () => {
  const standIns = await startStandIns({ rateScale: 60 });
  const folder = mkdtempSync(path.join(tmpdir(), 'winnow-test-'));
  const keeper = keepBot({
    ...standIns.environment,
    // Nothing listens on this port.
    ANTHROPIC_BASE_URL: 'http://127.0.0.1:9',
    DATABASE_URL: `sqlite:${path.join(folder, 'winnow.db')}`,
  });
  onTestFinished(async () => {
    await keeper.end();
    await standIns.stop();
    rmSync(folder, { recursive: true });
  });
  const { slack, channel } = standIns;
  const published = Promise.withResolvers<void>();
  const panel = createClaudePanel(keeper, { slack, channel, changed: () => published.resolve() });
  await published.promise;
  expect(panel.section().facts).toContainEqual({
    label: 'Trouble',
    value: expect.stringMatching(/^Claude cannot be asked for now; messages are collected: .+/),
    tone: 'bad',
  });
  expect(logOf(panel).join()).not.toContain(standIns.environment.ANTHROPIC_API_KEY);
});
