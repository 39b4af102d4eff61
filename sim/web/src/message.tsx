import { memo, useState } from 'react';
import type { LiveEphemeral, LiveMessage, LivePerson } from '../../slack/live-protocol.ts';
import { Avatar } from './avatar.tsx';
import { Blocks } from './blocks/blocks.tsx';
import { MessageHostProvider } from './blocks/host.tsx';
import { isJson, listOf } from './blocks/values.ts';
import { Link } from './entities.tsx';
import { MessageEditor } from './message-editor.tsx';
import { MessageToolbar } from './message-toolbar.tsx';
import { useNavigation } from './navigation.ts';
import { Reactions } from './reactions.tsx';
import { Mrkdwn } from './text.tsx';
import { dateOfTs, formatMoment, formatTime } from './time.ts';

export interface MessageProps {
  message: LiveMessage;
  author: LivePerson | undefined;
  zone: string;
  /** Follows a message by the same author: shown without a header. */
  isFollowUp: boolean;
  /** Has the pointer or the focus: its toolbar is shown. */
  isActive: boolean;
  isMarked: boolean;
  place: 'channel' | 'thread';
  /** Whether Tab reaches it; the arrow keys move between messages. */
  isTabStop: boolean;
}

/** A message with its blocks, files, reactions and replies. */
export const Message = memo(function Message({
  message,
  author,
  zone,
  isFollowUp,
  isActive,
  isMarked,
  place,
  isTabStop,
}: MessageProps) {
  const [isEditing, setEditing] = useState(false);
  const at = dateOfTs(message.ts);
  const name = nameAuthor(message, author);
  const isDeleted = message.subtype === 'tombstone';
  const time = (
    <time className="message-time" dateTime={at.toISOString()} title={formatMoment(at, zone)}>
      {isFollowUp ? formatTime(at, zone).replace(/\s[AP]M$/, '') : formatTime(at, zone)}
    </time>
  );
  return (
    <li
      className={`message${isFollowUp ? ' follow-up' : ''}${isMarked ? ' marked' : ''}`}
      data-ts={message.ts}
      tabIndex={isTabStop ? 0 : -1}
    >
      <div className="message-side">
        {isFollowUp ? (
          time
        ) : (
          <Avatar id={message.user ?? message.ts} name={isDeleted ? '–' : name} />
        )}
      </div>
      <div className="message-main">
        <div className={isFollowUp ? 'visually-hidden' : 'message-head'}>
          <span className="message-author">{isDeleted ? 'Slackbot' : name}</span>
          {author?.isBot || (message.bot_id && !isDeleted) ? (
            <span className="badge">APP</span>
          ) : null}
          {isFollowUp ? null : time}
        </div>
        {message.subtype === 'thread_broadcast' && place === 'channel' ? (
          <RepliedNote message={message} />
        ) : null}
        {isEditing ? (
          <MessageEditor message={message} onClose={() => setEditing(false)} />
        ) : (
          <MessageBody message={message} isQuiet={isDeleted || isSystem(message)} />
        )}
        <Reactions message={message} />
        {place === 'channel' && message.reply_count ? (
          <RepliesButton message={message} zone={zone} />
        ) : null}
      </div>
      {isActive && !isEditing && !isDeleted ? (
        <MessageToolbar message={message} place={place} onEdit={() => setEditing(true)} />
      ) : null}
    </li>
  );
});

/** An integration posts under a name of its own, or its profile's. */
function nameAuthor(message: LiveMessage, author: LivePerson | undefined): string {
  const { username, bot_profile: profile, bot_id: bot, user } = message;
  if (username) return username;
  if (author) return author.realName;
  return bot ? String(profile?.name ?? 'App') : (user ?? 'Slackbot');
}

export function isSystem({ subtype }: LiveMessage): boolean {
  return /^(channel|group)_/.test(subtype ?? '');
}

function MessageBody({ message, isQuiet }: { message: LiveMessage; isQuiet: boolean }) {
  const { text, blocks, attachments, files, edited, channel, ts } = message;
  const mark = edited && !isQuiet ? <span className="edited"> (edited)</span> : null;
  return (
    <MessageHostProvider origin={{ kind: 'message', channel, ts }}>
      {blocks && blocks.length > 0 ? (
        <div className="blocks">
          <Blocks blocks={blocks} />
          {mark}
        </div>
      ) : text === '' ? null : (
        <div className={isQuiet ? 'message-text quiet' : 'message-text'}>
          <Mrkdwn text={text} />
          {mark}
        </div>
      )}
      {(attachments ?? []).map((attachment, index) => (
        <Attachment key={index} attachment={attachment} />
      ))}
      {(files ?? []).map((file) => (
        <File key={String(file.id ?? file.name)} file={file} />
      ))}
    </MessageHostProvider>
  );
}

/** A file's name, and the words in it: of an e-mail, a snippet, a clip, a picture's description. */
function File({ file }: { file: Record<string, unknown> }) {
  const { title, name, plain_text, preview, alt_txt, transcription } = file;
  const spoken = isJson(transcription) && isJson(transcription.preview) && transcription.preview;
  const said = plain_text ?? preview ?? (spoken ? spoken.content : alt_txt);
  return (
    <div className="file">
      <span aria-hidden="true">📄</span> {String(title ?? name ?? 'A file')}
      {said ? <div className="quiet file-words">{String(said)}</div> : null}
    </div>
  );
}

function Attachment({ attachment }: { attachment: Record<string, unknown> }) {
  const text = (key: string) => (typeof attachment[key] === 'string' ? attachment[key] : '');
  const title = text('title');
  const link = text('title_link') || text('from_url');
  const forwarded = listOf(attachment.message_blocks).flatMap(({ message }) =>
    isJson(message) ? listOf(message.blocks) : [],
  );
  const blocks = [...listOf(attachment.blocks), ...forwarded];
  const fields = listOf(attachment.fields);
  const isBare = !title && !text('text') && blocks.length === 0 && fields.length === 0;
  return (
    <>
      {text('pretext') ? (
        <div className="message-text">
          <Mrkdwn text={text('pretext')} />
        </div>
      ) : null}
      <div className="attachment">
        {text('author_name') ? <div className="quiet">{text('author_name')}</div> : null}
        {title === '' ? null : (
          <div className="attachment-title">{link ? <Link url={link}>{title}</Link> : title}</div>
        )}
        {text('text') ? (
          <div className="message-text">
            <Mrkdwn text={text('text')} />
          </div>
        ) : null}
        {isBare && text('fallback') ? (
          <div className="message-text">
            <Mrkdwn text={text('fallback')} />
          </div>
        ) : null}
        <Blocks blocks={blocks} />
        {fields.map((field, index) => (
          <div key={index} className="message-text">
            <strong>{String(field.title ?? '')}</strong> <Mrkdwn text={String(field.value ?? '')} />
          </div>
        ))}
        {text('footer') ? <div className="quiet">{text('footer')}</div> : null}
      </div>
    </>
  );
}

function RepliedNote({ message }: { message: LiveMessage }) {
  const { go } = useNavigation();
  const { channel, thread_ts: thread, ts } = message;
  if (thread === undefined) return null;
  return (
    <div className="quiet">
      replied to{' '}
      <button
        type="button"
        className="link-button"
        onClick={() => go({ kind: 'channel', channel, thread, message: ts })}
      >
        a thread
      </button>
    </div>
  );
}

function RepliesButton({ message, zone }: { message: LiveMessage; zone: string }) {
  const { go } = useNavigation();
  const { channel, ts, reply_count: count = 0, latest_reply: latest } = message;
  return (
    <button
      type="button"
      className="replies-button"
      onClick={() => go({ kind: 'channel', channel, thread: ts })}
    >
      <strong>
        {count} {count === 1 ? 'reply' : 'replies'}
      </strong>
      {latest === undefined ? null : (
        <span className="quiet">Last at {formatTime(dateOfTs(latest), zone)}</span>
      )}
    </button>
  );
}

/** A message that only the person at the page sees, until dismissed. */
export function EphemeralMessage({
  message,
  author,
  zone,
  onDismiss,
}: {
  message: LiveEphemeral;
  author: LivePerson | undefined;
  zone: string;
  onDismiss: () => void;
}) {
  const at = dateOfTs(message.ts);
  const name = author?.realName ?? 'App';
  return (
    <li className="message ephemeral" data-ts={message.ts} tabIndex={-1}>
      <div className="message-side">
        <Avatar id={author?.id ?? 'app'} name={name} />
      </div>
      <div className="message-main">
        <div className="quiet ephemeral-note">
          <span aria-hidden="true">◉ </span>Only visible to you
        </div>
        <div className="message-head">
          <span className="message-author">{name}</span>
          <span className="badge">APP</span>
          <time className="message-time" dateTime={at.toISOString()}>
            {formatTime(at, zone)}
          </time>
        </div>
        <MessageHostProvider
          origin={{ kind: 'ephemeral', channel: message.channel, id: message.id }}
        >
          {message.blocks && message.blocks.length > 0 ? (
            <div className="blocks">
              <Blocks blocks={message.blocks} />
            </div>
          ) : (
            <div className="message-text">
              <Mrkdwn text={message.text} />
            </div>
          )}
        </MessageHostProvider>
        <button type="button" className="link-button" onClick={onDismiss}>
          Dismiss message
        </button>
      </div>
    </li>
  );
}
