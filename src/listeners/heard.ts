import { z } from 'zod';
import type { Connection } from '../jobs/intake/connection.ts';

const ts = z.string();

const bodySchema = z.looseObject({
  event: z.looseObject({
    type: z.literal('message'),
    channel: z.string(),
    ts: ts.optional(),
    message: z.looseObject({ ts }).optional().catch(undefined),
  }),
});

/** Notes which message an event is about, whatever becomes of it. */
export function recordHeard(connection: Connection, body: unknown): void {
  const parsed = bodySchema.safeParse(body);
  if (!parsed.success) return;
  const { channel, ts: own, message } = parsed.data.event;
  const about = message?.ts ?? own;
  if (about !== undefined) connection.hear({ channel, ts: about });
}
