import type { Played, Restart } from './play.ts';

/** What a series of restarts came to, in words. */

/** Within this time every answer is there, and every process has stopped. */
export const MOST_MS = 10_000;

export const describeRestart = ({ stopMs, handoverMs, code }: Restart): string =>
  `stopped with ${code} in ${seconds(stopMs)}, the next one ready ${seconds(handoverMs)} after SIGTERM`;

export function describePlayed({ restarts, ledger, faults }: Played): string[] {
  const { posted, acts, answers } = ledger;
  const kinds = [...new Set(answers.map(({ what }) => what))].sort();
  const longest = (of: (restart: Restart) => number) => seconds(Math.max(...restarts.map(of)));
  return [
    `${posted.size} messages, ${acts.length} acts, ${answers.length} answers`,
    `longest stop ${longest(({ stopMs }) => stopMs)}, longest handover ${longest(({ handoverMs }) => handoverMs)}`,
    ...kinds.map((kind) => {
      const times = answers.filter(({ what }) => what === kind);
      const slowest = Math.max(...times.map(({ ms }) => ms));
      const again = times.filter(({ tries }) => tries > 1).length;
      return `${kind}: ${times.length}, the slowest after ${seconds(slowest)}${again > 0 ? `, ${again} asked more than once` : ''}`;
    }),
    faults.length === 0 ? 'nothing lost, nothing twice' : `${faults.length} faults`,
  ];
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
