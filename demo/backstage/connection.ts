import type { SlackSim } from '../../sim/slack/slack-sim.ts';
import { createJournal } from '../journal.ts';
import { type Panel, pick, promise } from './panel.ts';

/** The panel between Slack and the bot: the socket for events, and the bot's calls. */

type Line = 'good' | 'limited' | 'failing' | 'losing';

const LINES: { value: Line; label: string }[] = [
  { value: 'good', label: 'Answers' },
  { value: 'limited', label: 'Asks to wait (429)' },
  { value: 'failing', label: 'Fails (503)' },
  { value: 'losing', label: 'Acts, but loses the answer' },
];

/** The calls whose effects people see. */
const WRITING = [
  'chat.postMessage',
  'chat.update',
  'chat.postEphemeral',
  'reactions.add',
  'reactions.remove',
];

const SOCKETS = [
  { value: 'open', label: 'Works' },
  { value: 'refused', label: 'Is cut and refused' },
];

/** In seconds. */
const RETRY_AFTER = 3;

export function createConnectionPanel(slack: SlackSim, changed: () => void): Panel {
  const journal = createJournal();
  let line: Line = 'good';
  let restore = () => {};
  let sockets = 'open';
  const unfollow = slack.sockets.onChange(() => {
    const count = slack.sockets.count();
    journal.add(describeSockets(count), count === 0 ? 'bad' : 'good');
    changed();
  });
  const log = (text: string) => {
    journal.add(text);
    changed();
  };
  return {
    section() {
      const count = slack.sockets.count();
      return {
        title: 'Connection',
        facts: [
          {
            label: 'Socket',
            value: describeSockets(count),
            tone: count === 0 ? 'bad' : 'good',
          },
          promise('The bot finds missed events in the history of the channel.'),
        ],
        controls: [
          {
            kind: 'button',
            id: 'socket-cut',
            label: 'Cut the socket',
            disabled: count === 0,
            tone: 'danger',
          },
          {
            kind: 'choice',
            id: 'socket-state',
            label: 'Socket Mode',
            value: sockets,
            options: SOCKETS,
          },
          { kind: 'choice', id: 'slack-line', label: 'Slack', value: line, options: LINES },
        ],
        log: journal.entries(),
      };
    },
    controls: {
      'socket-cut'() {
        slack.sockets.cut();
        log('The socket is cut');
      },
      'socket-state'(value) {
        sockets = pick(SOCKETS, value).value;
        const refused = sockets === 'refused';
        slack.sockets.refuse(refused);
        if (refused) slack.sockets.cut();
        log(refused ? 'The socket is cut, and new ones are refused' : 'Sockets are accepted again');
      },
      'slack-line'(value) {
        const next = pick(LINES, value);
        if (next.value === line) return;
        restore();
        restore = applyLine(slack, next.value);
        line = next.value;
        log(`From now on Slack: ${next.label.replace(/^./, (c) => c.toLowerCase())}`);
      },
    },
    stop() {
      unfollow();
      slack.sockets.refuse(false);
      restore();
    },
  };
}

/** @returns a function that undoes it */
function applyLine({ faults }: SlackSim, line: Line): () => void {
  if (line === 'good') return () => {};
  const times = Number.POSITIVE_INFINITY;
  const undo = WRITING.map((method) => {
    switch (line) {
      case 'limited':
        return faults.add({ kind: 'rate_limit', retryAfter: RETRY_AFTER, method, times });
      case 'failing':
        return faults.add({ kind: 'status', status: 503, method, times });
      case 'losing':
        return faults.add({ kind: 'cut', when: 'after', method, times });
      default:
        return line satisfies never;
    }
  });
  return () => {
    for (const each of undo) each();
  };
}

function describeSockets(count: number): string {
  if (count === 0) return 'none is open';
  return count === 1 ? 'one is open' : `${count} are open`;
}
