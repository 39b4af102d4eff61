import { useRef, useState } from 'react';
import type { LiveMessage } from '../../slack/live-protocol.ts';
import { characterOf } from './emoji.ts';
import { EmojiPicker } from './emoji-picker.tsx';
import { useLive } from './live-context.ts';
import { useAct } from './notices.tsx';

/** A message's reactions with their counts and people; a click adds or removes one's own. */
export function Reactions({ message }: { message: LiveMessage }) {
  const me = useLive((state) => state.me);
  const people = useLive((state) => state.people);
  const act = useAct();
  const anchor = useRef<HTMLButtonElement>(null);
  const [isPicking, setPicking] = useState(false);
  const { channel, ts } = message;
  const nameOf = (id: string) =>
    id === me ? 'you' : (people.find((person) => person.id === id)?.realName ?? id);
  if (message.reactions.length === 0) return null;
  return (
    <div className="reactions">
      {message.reactions.map(({ name, users, count }) => {
        const isMine = users.some((user) => user === me);
        const who = `${listNames(users.map(nameOf))} reacted with :${name}:`;
        return (
          <button
            key={name}
            type="button"
            className="reaction"
            aria-pressed={isMine}
            aria-label={`${count} ${name} ${count === 1 ? 'reaction' : 'reactions'}. ${who}`}
            title={who}
            onClick={() => act({ kind: isMine ? 'unreact' : 'react', channel, ts, name })}
          >
            <span>{characterOf(name) ?? `:${name}:`}</span> <span>{count}</span>
          </button>
        );
      })}
      <button
        ref={anchor}
        type="button"
        className="reaction reaction-add"
        aria-label="Add a reaction"
        onClick={() => setPicking(true)}
      >
        ☺<span aria-hidden="true">+</span>
      </button>
      {isPicking ? (
        <EmojiPicker
          anchor={anchor}
          onClose={() => setPicking(false)}
          onPick={(name) => void act({ kind: 'react', channel, ts, name })}
        />
      ) : null}
    </div>
  );
}

const lists = new Intl.ListFormat('en', { type: 'conjunction' });

function listNames(names: readonly string[]): string {
  const shown = names.slice(0, 12);
  const more = names.length - shown.length;
  const text = lists.format(more > 0 ? [...shown, `${more} others`] : shown);
  return text.charAt(0).toUpperCase() + text.slice(1);
}
