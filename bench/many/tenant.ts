import type { SlackCloud } from '../../sim/slack/cloud.ts';

/** A workspace with a person and a feedback channel. */
export interface Tenant {
  team: string;
  channel: string;
  /** Installs the app as a person does in a browser, and invites the bot. */
  install(address: string): Promise<void>;
  post(text: string): void;
  /** Whether a command is answered that needs next to nothing of the bot. */
  reach(): Promise<boolean>;
  /** The same for one that reads the workspace. */
  ask(): Promise<boolean>;
  /** Orders a summary of what is pending. @returns whether that was answered */
  order(): Promise<boolean>;
  /** The same, and waits for the summary. */
  sumUp(): Promise<void>;
  /** How many of the bot's posts are there once more. */
  countTwice(): number;
}

export function createTenant(cloud: SlackCloud): Tenant {
  const slack = cloud.addWorkspace();
  const user = slack.addUser({ name: 'ana' });
  const channel = slack.addChannel({ name: 'feedback', members: [user, slack.botUserId] });
  const send = (text: string) =>
    slack.command({ command: '/classify-feedback', text, user, channel });
  const own = () => slack.messages(channel).filter(({ bot_id: id }) => id === slack.botId);
  return {
    team: slack.teamId,
    channel,
    async install(address) {
      const begun = await fetch(`${address}/slack/install`);
      const [, href = ''] = /href="([^"]*oauth[^"]*)"/.exec(await begun.text()) ?? [];
      const url = href.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
      const [cookie = ''] = begun.headers.getSetCookie();
      const back = cloud.approve({ url, team: slack.teamId, user });
      const { status } = await fetch(back, { headers: { cookie: cookie.split(';')[0] ?? '' } });
      if (status !== 200) throw new Error(`an installation was answered with ${status}`);
    },
    post: (text) => void slack.post({ channel, user, text }),
    ask: async () => (await send('status')).acked,
    reach: async () => (await send('help')).acked,
    order: async () => (await send('')).acked,
    async sumUp() {
      const before = own().length;
      // A command that was not answered may have been carried out.
      while (!(await send('')).acked && own().length === before);
      const timeoutMs = 300_000;
      await slack.waitFor(() => own().length > before, { timeoutMs, what: 'a summary' });
    },
    countTwice() {
      const seen = own().map(({ metadata, thread_ts: thread }) =>
        JSON.stringify([thread, metadata?.event_type, metadata?.event_payload]),
      );
      return seen.length - new Set(seen).size;
    },
  };
}
