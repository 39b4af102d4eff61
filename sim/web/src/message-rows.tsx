import { Fragment, memo, type ReactNode } from 'react';
import type { LiveMessage, LivePerson } from '../../slack/live-protocol.ts';
import { EphemeralMessage, isSystem, Message } from './message.tsx';
import type { Row } from './rows.ts';
import { dateOfTs, dayOf, nameDay } from './time.ts';

/** Messages by one author within this time share a header. */
const TOGETHER_S = 300;

/** A chunk of a list: its messages, with headings for the days. */
export const MessageRows = memo(function MessageRows({
  rows,
  before,
  people,
  botUserId,
  zone,
  place,
  thread,
  active,
  marked,
  tabStop,
  onDismiss,
}: {
  rows: readonly Row[];
  /** The row before the first one. */
  before: Row | undefined;
  people: ReadonlyMap<string, LivePerson>;
  botUserId: string;
  zone: string;
  place: 'channel' | 'thread';
  thread: string | undefined;
  active: string | undefined;
  marked: string | undefined;
  tabStop: string | undefined;
  onDismiss: (id: string) => void;
}) {
  let above = before;
  return rows.map((row): ReactNode => {
    const { ts } = row.message;
    const last = above;
    above = row;
    const at = dateOfTs(ts);
    const isNewDay =
      last === undefined || dayOf(dateOfTs(last.message.ts), zone) !== dayOf(at, zone);
    const day = isNewDay ? (
      <li className="day">
        <span>{nameDay(at, zone, new Date())}</span>
      </li>
    ) : null;
    if (row.kind === 'ephemeral')
      return (
        <Fragment key={row.message.id}>
          {day}
          <EphemeralMessage
            message={row.message}
            author={people.get(botUserId)}
            zone={zone}
            onDismiss={() => onDismiss(row.message.id)}
          />
        </Fragment>
      );
    const { message } = row;
    const isFollowUp =
      !isNewDay &&
      last?.kind === 'message' &&
      last.message.ts !== thread &&
      isTogether(last.message, message);
    return (
      <Fragment key={ts}>
        {day}
        <Message
          message={message}
          author={people.get(message.user ?? '')}
          zone={zone}
          isFollowUp={isFollowUp}
          isActive={active === ts}
          isMarked={marked === ts}
          isTabStop={tabStop === ts}
          place={place}
        />
        {place === 'thread' && ts === thread ? <ReplyCount message={message} /> : null}
      </Fragment>
    );
  });
});

function ReplyCount({ message }: { message: LiveMessage }) {
  const count = message.reply_count ?? 0;
  if (count === 0) return null;
  return (
    <li className="reply-count">
      <span>
        {count} {count === 1 ? 'reply' : 'replies'}
      </span>
    </li>
  );
}

function isTogether(before: LiveMessage, message: LiveMessage): boolean {
  return (
    before.user === message.user &&
    before.bot_id === message.bot_id &&
    before.username === message.username &&
    Number(message.ts) - Number(before.ts) < TOGETHER_S &&
    message.subtype !== 'thread_broadcast' &&
    message.subtype !== 'tombstone' &&
    before.subtype !== 'tombstone' &&
    !isSystem(message) &&
    !isSystem(before)
  );
}
