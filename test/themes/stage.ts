import { sql } from 'kysely';
import { z } from 'zod';
import { type Stage, type StageOptions, startStage } from '../harness.ts';

/** A channel in which people say the same thing again and again, day by day. */

export const DAY_MS = 86_400_000;

/** Three ways of saying the same, for the keyword rules of the stand-in. */
export const EXPORT = [
  'The export to PDF fails on Safari',
  'Safari: PDF export fails, nothing happens',
  'Export as PDF is broken in Safari, it fails each time',
];
export const DARK = [
  'There should be a dark mode for the editor',
  'The editor should have a dark mode',
];
export const ALONE = 'I love the keyboard shortcuts';

export interface Themed extends Stage {
  /** Posts messages and has them summed up; their timestamps in the same order. */
  day(texts: string[], where?: string): Promise<string[]>;
  post(texts: string[], where?: string): Promise<string[]>;
  /** The messages of each theme by its title: those of one too. */
  themes(): Promise<Record<string, string[]>>;
  /** Requests that ask for groups, as they were sent. */
  asked(): string[];
  /** Requests that ask for topics. */
  named(): string[];
}

const readPrompts = (stage: Stage) =>
  stage.claude.asked.map((params) => callSchema.parse(params).messages[0].content);

const callSchema = z.object({ messages: z.tuple([z.object({ content: z.string() })]) });

export async function startThemed(options: StageOptions = {}): Promise<Themed> {
  const stage = await startStage(options);
  await stage.connect();
  const { slack, channel } = stage;
  // Each message is somebody else's.
  const people = Array.from({ length: 50 }, (_, n) => slack.addUser({ name: `person-${n}` }));
  let posted = 0;
  const themed: Omit<Themed, keyof Stage> = {
    async post(texts, where = channel) {
      const sent: string[] = [];
      for (const text of texts) {
        sent.push(
          slack.post({ channel: where, user: people[posted++ % people.length] ?? '', text }),
        );
        // Thousands at once would keep the connection from being looked after.
        if (sent.length % 100 === 0) await slack.idle();
      }
      await slack.idle();
      return sent;
    },
    async day(texts, where = channel) {
      const sent = await themed.post(texts, where);
      await stage.type('', { channel: where });
      await stage.settle();
      return sent;
    },
    async themes() {
      const rows = await stage.rows(
        sql<{ title: string; ts: string }>`
          select title, ts from theme_members join themes on themes.id = theme order by ts`,
      );
      const themes: Record<string, string[]> = {};
      for (const { title, ts } of rows) themes[title] = [...(themes[title] ?? []), ts];
      return themes;
    },
    asked: () => readPrompts(stage).filter((prompt) => prompt.includes('<gist')),
    named: () => readPrompts(stage).filter((prompt) => prompt.includes('<ask')),
  };
  Object.defineProperties(themed, Object.getOwnPropertyDescriptors(stage));
  return themed as Themed;
}
