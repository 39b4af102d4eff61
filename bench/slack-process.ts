import { startSlackSim } from '../sim/slack/slack-sim.ts';

/**
 * The Slack stand-in as a separate process, so that its work does not count as the bot's. On request it
 * performs what people do and times it as they see it.
 */
export type Order =
  /** Posts all messages at once; or in waves, each after the one before was acknowledged. */
  | { kind: 'flood'; messages: number; wave?: number }
  /** From now on every tenth event is sent twice. */
  | { kind: 'repeat some' }
  /** Posts each message after the previous one was acknowledged. */
  | { kind: 'one by one'; messages: number }
  | { kind: 'run' }
  /** Posts urgent messages; once all have cards, reacts to each and waits until its card shows that. */
  | { kind: 'claims'; messages: number }
  /** Sends `/classify-feedback status` until `stop asking`. */
  | { kind: 'ask on' }
  | { kind: 'stop asking' };

export interface Workspace {
  apiUrl: string;
  botToken: string;
  appToken: string;
  signingSecret: string;
  channel: string;
}

/** The time in total, and for each step. */
export interface Timing {
  elapsedMs: number;
  latenciesMs: number[];
}

/** `limited`: with Slack's own limits. @param url where events go over HTTP; default: Socket Mode */
const [, , how, url] = process.argv;
const sim = await startSlackSim({
  rateLimits: how === 'limited',
  ackTimeoutMs: 60_000,
  ...(url !== undefined && { httpEvents: { url } }),
});
const user = sim.addUser({ name: 'ana' });
const channel = sim.addChannel({ name: 'feedback', members: [user], id: 'C0BENCH' });
const { apiUrl, botToken, appToken, signingSecret } = sim;
process.send?.({ apiUrl, botToken, appToken, signingSecret, channel } satisfies Workspace);

let asking = false;

const time = async (work: () => Promise<unknown> | unknown) => {
  const at = performance.now();
  await work();
  return performance.now() - at;
};
const post = (n: number) =>
  sim.post({ channel, user, text: `The export of report ${n} fails since the update.` });
const type = async (text: string) => {
  const answer = await sim.command({ command: '/classify-feedback', text, user, channel });
  if (!answer.acked) throw new Error(`a command was not acknowledged: ${answer.error}`);
};
const settled = () => sim.idle({ ignoreRetries: true });

/** Stays below Slack's limit of 50 updates per minute. */
const BETWEEN_CLAIMS_MS = 1_500;

async function claim(messages: number): Promise<number[]> {
  const sent = Array.from({ length: messages }, (_, n) =>
    sim.post({
      channel,
      user,
      text: `Urgent: the app crashes on login ${n} and I lost all my data`,
    }),
  );
  await settled();
  await type('');
  const cardOf = (ts: string) =>
    sim
      .messages(channel)
      .find(
        ({ metadata }) =>
          metadata?.event_type === 'winnow_card' &&
          (metadata.event_payload as { ts?: string }).ts === ts,
      );
  const timeoutMs = 300_000;
  await sim.waitFor(() => sent.every(cardOf), { timeoutMs, what: 'a card for each message' });
  const latencies = [];
  for (const ts of sent) {
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_CLAIMS_MS));
    latencies.push(
      await time(() => {
        sim.react({ channel, ts, user, name: 'eyes' });
        const isClaimed = () => JSON.stringify(cardOf(ts)?.blocks).includes('state-claimed');
        return sim.waitFor(isClaimed, { timeoutMs, what: 'a claimed card' });
      }),
    );
  }
  return latencies;
}

async function carryOut(order: Order): Promise<number[] | undefined> {
  switch (order.kind) {
    case 'flood': {
      const { messages, wave = messages } = order;
      for (let n = 0; n < messages; n++) {
        post(n);
        if ((n + 1) % wave === 0) await settled();
      }
      await settled();
      return [];
    }
    case 'repeat some': {
      let events = 0;
      sim.eventFaults.add({
        match: ({ type }) => type === 'message' && events++ % 10 === 0,
        kind: 'duplicate',
        times: Number.POSITIVE_INFINITY,
      });
      return [];
    }
    case 'one by one': {
      const latencies = [];
      for (let n = 0; n < order.messages; n++) {
        latencies.push(
          await time(() => {
            post(n);
            return settled();
          }),
        );
      }
      return latencies;
    }
    case 'run':
      await type('');
      return [];
    case 'claims':
      return claim(order.messages);
    case 'ask on': {
      const latencies = [];
      asking = true;
      while (asking) {
        latencies.push(await time(() => type('status')));
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      return latencies;
    }
    case 'stop asking':
      asking = false;
      return undefined;
    default:
      return order satisfies never;
  }
}

process.on('message', async (order: Order) => {
  if (!sim.messages(channel).some(({ subtype }) => subtype === 'channel_join')) {
    sim.inviteBot(channel, user);
    await settled();
  }
  const began = performance.now();
  const latenciesMs = await carryOut(order);
  if (!latenciesMs) return;
  process.send?.({ elapsedMs: performance.now() - began, latenciesMs } satisfies Timing);
});
process.once('disconnect', () => process.exit(0));
