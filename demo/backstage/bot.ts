import { readFile } from 'node:fs/promises';
import type { BotKeeper, BotState } from '../bot-keeper.ts';
import { createJournal } from '../journal.ts';
import { type Panel, promise } from './panel.ts';

/** The panel of the bot's process: its state, and buttons to kill, stop and start it. */

/** pino's level for warnings. */
const WARNING = 40;

export function createBotPanel(keeper: BotKeeper, changed: () => void): Panel {
  const journal = createJournal();
  let memory: { pid: number; mb: number } | undefined;
  const remember = (state: BotState) => {
    const { words, tone } = describeState(state);
    journal.add(words, tone);
    changed();
  };
  remember(keeper.state());
  const unfollow = keeper.onNews((news) => {
    switch (news.kind) {
      case 'state':
        return remember(news.state);
      case 'log': {
        const { level, msg, reason } = news.line;
        if (level < WARNING) return;
        journal.add(reason ? `${msg} (${reason})` : msg, 'bad');
        return changed();
      }
      default:
        return news satisfies never;
    }
  });
  const weigh = setInterval(async () => {
    const state = keeper.state();
    const mb = state.kind === 'stopped' ? undefined : await readMemory(state.pid);
    memory = state.kind !== 'stopped' && state.pid && mb ? { pid: state.pid, mb } : undefined;
    changed();
  }, WEIGH_MS);
  // Must not keep the process alive.
  weigh.unref();

  return {
    section() {
      const state = keeper.state();
      const { words, tone } = describeState(state);
      const isUp = state.kind !== 'stopped';
      const times = keeper.starts();
      return {
        title: 'Bot',
        facts: [
          { label: 'Process', value: words, ...(tone && { tone }) },
          { label: 'Started', value: times === 1 ? 'once' : `${times} times` },
          ...(isUp && memory && memory.pid === state.pid
            ? [{ label: 'Memory', value: `${memory.mb} MB` }]
            : []),
          promise('Kill it at any time and start it again: nothing is lost or done twice.'),
        ],
        controls: [
          { kind: 'button', id: 'bot-kill', label: 'Kill', disabled: !isUp, tone: 'danger' },
          {
            kind: 'button',
            id: 'bot-stop',
            label: 'Stop',
            disabled: state.kind === 'stopping' || !isUp,
          },
          {
            kind: 'button',
            id: 'bot-restart',
            label: isUp ? 'Restart' : 'Start',
            disabled: state.kind === 'stopping',
          },
        ],
        log: journal.entries(),
      };
    },
    controls: {
      'bot-kill': () => keeper.kill(),
      'bot-stop': () => keeper.stop(),
      'bot-restart': () => keeper.restart(),
    },
    stop() {
      unfollow();
      clearInterval(weigh);
    },
  };
}

const WEIGH_MS = 2000;

function describeState(state: BotState): { words: string; tone?: 'good' | 'bad' } {
  switch (state.kind) {
    case 'starting':
      return { words: `starting, process ${state.pid}` };
    case 'running':
      return { words: `running, process ${state.pid}`, tone: 'good' };
    case 'stopping':
      return { words: 'finishing what it is doing' };
    case 'stopped':
      return { words: state.words, tone: 'bad' };
    default:
      return state satisfies never;
  }
}

/** Resident memory in MB; undefined where /proc does not exist. */
async function readMemory(pid: number | undefined): Promise<number | undefined> {
  // The process has ended, or this is not Linux.
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const [, kb] = /^VmRSS:\s+(\d+) kB/m.exec(status) ?? [];
  return kb ? Math.round(Number(kb) / 1024) : undefined;
}
