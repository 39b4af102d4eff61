import type { BackstageSection } from '../sim/slack/backstage.ts';

type Entry = NonNullable<BackstageSection['log']>[number];

/** The latest entries, oldest first. A repeated entry is counted instead of added. */
export interface Journal {
  add(text: string, tone?: Entry['tone']): void;
  entries(): Entry[];
}

const LENGTH = 50;

export function createJournal(): Journal {
  const entries: (Entry & { times: number })[] = [];
  return {
    add(text, tone) {
      const last = entries.at(-1);
      if (last?.text === text && last.tone === tone) {
        last.at = Date.now();
        last.times += 1;
        return;
      }
      entries.push({ at: Date.now(), text, times: 1, ...(tone && { tone }) });
      if (entries.length > LENGTH) entries.shift();
    },
    entries: () =>
      entries.map(({ times, text, ...entry }) => ({
        ...entry,
        text: times > 1 ? `${text} (${times} times)` : text,
      })),
  };
}
