import { createInterface } from 'node:readline';
import type { StandIns } from './stand-ins.ts';
import { renderForTerminal } from './terminal.ts';

/**
 * Makes the terminal a person in the channel. A line is a message, a line with a slash is a command;
 * the bot's posts and its answers to this person are printed. Ends with the input.
 */
export function startConsole({ slack, channel, people, names }: StandIns): { close(): void } {
  const [user] = people;
  const input = createInterface({ input: process.stdin, terminal: false });
  input.on('line', (line) => {
    const typed = line.trim();
    if (typed.startsWith('/')) {
      const [command = '', ...words] = typed.split(' ');
      slack.command({ command, text: words.join(' '), user, channel }).then((answer) => {
        if (!answer.acked) console.log(`${command} did not work: ${answer.error}`);
      }, console.error);
    } else if (typed) {
      slack.post({ channel, user, text: typed });
    }
  });

  let open = true;
  const shown = new Set<string>([
    ...slack.messages(channel).map(({ ts }) => ts),
    ...slack.ephemerals(user).map(({ id }) => id),
  ]);
  const follow = async () => {
    while (open) {
      const news = await slack.waitFor(
        () => {
          const posts = slack
            .messages(channel)
            .filter(({ ts, bot_id }) => bot_id === slack.botId && !shown.has(ts))
            .map((post) => ({ key: post.ts, indent: post.thread_ts ? '    ' : '', post }));
          const whispers = slack
            .ephemerals(user)
            .filter(({ id }) => !shown.has(id))
            .map((post) => ({ key: post.id, indent: '  (only you see this) ', post }));
          const all = [...whispers, ...posts];
          return all.length > 0 ? all : !open && [];
        },
        { timeoutMs: 2 ** 31 - 1 },
      );
      for (const { key, indent, post } of news) {
        shown.add(key);
        console.log(`\n${renderForTerminal(names, post, indent)}`);
      }
    }
  };
  follow().catch((error: unknown) => {
    if (open) console.error(error);
  });
  return {
    close() {
      open = false;
      input.close();
    },
  };
}
