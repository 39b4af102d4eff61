import { playFeedback, type StandIns } from '../../sim/stand-ins.ts';
import { playIntegrations } from '../integrations/play.ts';
import { type Panel, pick, promise } from './panel.ts';

/** The panel that posts sample feedback into the channel at a chosen speed. */

const SPEEDS = [
  { value: '0', label: 'Off' },
  { value: '1', label: '1 a second' },
  { value: '5', label: '5 a second' },
  { value: '50', label: '50 a second' },
];

const AT_ONCE = 500;

/** @param played how many messages have been posted already */
export function createFeedbackPanel(
  standIns: StandIns,
  { played, changed }: { played: number; changed: () => void },
): Panel {
  let next = played;
  let posts = 0;
  let speed = '0';
  let timer: NodeJS.Timeout | undefined;
  const play = (count: number) => {
    playFeedback(standIns, count, { from: next });
    next += count;
    changed();
  };
  return {
    section: () => ({
      title: 'Feedback',
      facts: [
        { label: 'Played in', value: `${next.toLocaleString('en')} sample messages` },
        ...(posts > 0
          ? [{ label: 'From integrations', value: `${posts.toLocaleString('en')} posts, made up` }]
          : []),
        promise('Each message is counted once, whatever fails.'),
      ],
      controls: [
        {
          kind: 'choice',
          id: 'feedback-speed',
          label: 'Play sample feedback',
          value: speed,
          options: SPEEDS,
        },
        { kind: 'button', id: 'feedback-many', label: `Post ${AT_ONCE} at once` },
        { kind: 'button', id: 'feedback-integrations', label: 'A day of integrations' },
      ],
    }),
    controls: {
      'feedback-speed'(value) {
        speed = pick(SPEEDS, value).value;
        clearInterval(timer);
        timer = speed === '0' ? undefined : setInterval(() => play(1), 1000 / Number(speed));
        changed();
      },
      'feedback-many': () => play(AT_ONCE),
      'feedback-integrations'() {
        const { slack, channel, people } = standIns;
        posts += playIntegrations(slack, { channel, people }).length;
        changed();
      },
    },
    stop: () => clearInterval(timer),
  };
}
