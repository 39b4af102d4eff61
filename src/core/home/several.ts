import { z } from 'zod';

/** The messages that somebody chooses to dismiss at once. */

/** What they chose has to fit into 3,000 characters, which a modal may carry (Slack, November 2026). */
export const SEVERAL_SHOWN = 70;

export interface ChosenMessage {
  channel: string;
  ts: string;
}

export interface Choice {
  /** The id of the last act before the messages were shown: what has a later one has changed since. */
  seen: number;
  messages: ChosenMessage[];
}

/** By channel, to be short. */
const choiceSchema = z.object({
  seen: z.number().int().min(0),
  messages: z.record(z.string(), z.array(z.string().regex(/^\d{10}\.\d{6}$/))),
});

export function formatChoice({ seen, messages }: Choice): string {
  const byChannel = Map.groupBy(messages, ({ channel }) => channel);
  const short = [...byChannel].map(([channel, some]) => [channel, some.map(({ ts }) => ts)]);
  return JSON.stringify({ seen, messages: Object.fromEntries(short) });
}

/** @throws ZodError if `formatChoice` has not written it */
export function parseChoice(written: string): Choice {
  const { seen, messages } = choiceSchema.parse(JSON.parse(written));
  return {
    seen,
    messages: Object.entries(messages).flatMap(([channel, some]) =>
      some.map((ts) => ({ channel, ts })),
    ),
  };
}
