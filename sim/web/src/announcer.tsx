import { useEffect, useRef, useState } from 'react';
import type { LiveMessage } from '../../slack/live-protocol.ts';
import { useLive } from './live-context.ts';
import { typedFromStored } from './typed.ts';

/** Announces new messages by others to screen readers, politely. */
export function Announcer({ messages }: { messages: readonly LiveMessage[] }) {
  const people = useLive((state) => state.people);
  const me = useLive((state) => state.me);
  const last = useRef(messages.at(-1)?.ts);
  const [announced, setAnnounced] = useState('');
  useEffect(() => {
    const lastAnnounced = last.current ?? '';
    last.current = messages.at(-1)?.ts;
    const fresh: LiveMessage[] = [];
    for (let at = messages.length - 1; at >= 0; at -= 1) {
      const message = messages[at];
      if (!message || message.ts <= lastAnnounced) break;
      if (message.user !== me) fresh.unshift(message);
    }
    if (fresh.length === 0) return;
    const texts = fresh.map(({ user, text }) => {
      const name = people.find((p) => p.id === user)?.realName ?? 'App';
      return `${name}: ${typedFromStored(text, people).slice(0, 200)}`;
    });
    setAnnounced(texts.length <= 3 ? texts.join('. ') : `${texts.length} new messages`);
  }, [messages, me, people]);
  return (
    <div className="visually-hidden" aria-live="polite">
      {announced}
    </div>
  );
}
