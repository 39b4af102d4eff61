import { isSlackError } from '../../core/delivery/slack-errors.ts';
import { interpretMessage } from '../../core/intake/message.ts';
import { SlackReadError } from '../../slack/read.ts';
import { listShares, readShared } from '../../slack/shares.ts';
import { findChannel } from '../../store/intake/channels.ts';
import { deleteFileChange, listFileChanges } from '../../store/intake/file-changes.ts';
import { type Context, isWatched, type NextAt } from '../context.ts';
import { storeMessage, storeReply } from './store-message.ts';

const AT_ONCE = 20;

/**
 * Reads the messages of changed files again. A file leaves the list only when that is done: after a
 * crash its messages are read once more, which changes nothing.
 */
export async function readChangedFiles(context: Context): Promise<NextAt> {
  const { db, log, clock } = context;
  const changes = await listFileChanges(db, AT_ONCE);
  const failures: unknown[] = [];
  for (const change of changes) {
    try {
      await readFile(context, change.file);
    } catch (error) {
      if (!(error instanceof SlackReadError)) throw error;
      if (error.code === undefined || isSlackError(error.code, 'retry')) {
        // It must not keep the others from being read.
        failures.push(error);
        continue;
      }
      // The file or its channel is gone.
      log.warn({ file: change.file, reason: error.message }, 'a changed file could not be read');
    }
    await deleteFileChange(db, change);
  }
  // The job runs again after a while.
  if (failures.length > 0) throw failures[0];
  return changes.length < AT_ONCE ? null : clock.now();
}

async function readFile(context: Context, file: string): Promise<void> {
  const {
    db,
    slack,
    clock,
    workspace: { self },
  } = context;
  for (const { channel, ts, threadTs } of await listShares(slack, file)) {
    if (!isWatched(context, channel) || (await findChannel(db, channel))?.state !== 'member')
      continue;
    const seenAt = clock.now();
    for (const message of await readShared(slack, { channel, ts, threadTs })) {
      const intake = interpretMessage(channel, message, self);
      await db.transaction().execute(async (tx) => {
        if (intake.kind === 'message') await storeMessage(tx, context, intake.message, { seenAt });
        if (intake.kind === 'reply') await storeReply(tx, context, intake.reply, { seenAt });
      });
    }
  }
}
