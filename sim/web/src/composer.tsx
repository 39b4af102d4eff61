import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react';
import type { LiveHello } from '../../slack/live-protocol.ts';
import { type Completion, findCompletions, findUsage } from './completion.ts';
import { EmojiPicker } from './emoji-picker.tsx';
import { useLive } from './live-context.ts';
import { useAct, useNotice } from './notices.tsx';

const SUGGESTION = 'suggestion';

/** Puts a text into the channel's field, unless something is typed there, and goes to it. */
export function suggest(text: string): void {
  // The channel may have to be drawn first.
  requestAnimationFrame(() => dispatchEvent(new CustomEvent(SUGGESTION, { detail: text })));
}

/** The field for messages, replies and commands. Enter sends, Shift+Enter starts a new line. */
export function Composer({
  channel,
  thread,
  placeholder,
}: {
  channel: string;
  thread?: string;
  placeholder: string;
}) {
  const act = useAct();
  const showNotice = useNotice();
  const commands = useLive((state) => state.hello)?.commands ?? NO_COMMANDS;
  const people = useLive((state) => state.people);
  const [text, setText] = useState('');
  const [caret, setCaret] = useState(0);
  const [chosen, setChosen] = useState(0);
  const [isDismissed, setDismissed] = useState(false);
  const [isPicking, setPicking] = useState(false);
  const [isBroadcast, setBroadcast] = useState(false);
  const [sending, setSending] = useState(0);
  const area = useRef<HTMLTextAreaElement>(null);
  const emojiButton = useRef<HTMLButtonElement>(null);
  const listId = useId();

  const offered = useMemo(
    () =>
      isDismissed
        ? []
        : findCompletions(text, caret, {
            commands: thread === undefined ? commands : NO_COMMANDS,
            people,
          }),
    [text, caret, commands, people, isDismissed, thread],
  );
  const at = Math.min(chosen, offered.length - 1);
  const usage = findUsage(text, commands);

  const change = (next: string, nextCaret: number) => {
    setText(next);
    setCaret(nextCaret);
    setChosen(0);
    setDismissed(false);
  };
  const insert = (piece: string, from: number) => {
    const next = text.slice(0, from) + piece + text.slice(caret);
    change(next, from + piece.length);
    requestAnimationFrame(() => {
      area.current?.focus();
      area.current?.setSelectionRange(from + piece.length, from + piece.length);
    });
  };
  const complete = ({ insert: piece, from }: Completion) => insert(piece, from);
  useEffect(() => {
    if (thread !== undefined) return undefined;
    const take = (event: Event) => {
      const { detail } = event as CustomEvent<string>;
      setText((typed) => typed || detail);
      area.current?.focus();
    };
    addEventListener(SUGGESTION, take);
    return () => removeEventListener(SUGGESTION, take);
  }, [thread]);

  const send = async () => {
    const typed = text.trim();
    if (typed === '') return;
    const [, command, rest = ''] = /^(\/[^\s/]+)(?:\s+([\s\S]*))?$/.exec(typed) ?? [];
    // As Slack does.
    if (command !== undefined && thread !== undefined)
      return showNotice(`${command} is not supported in threads. Sorry!`);
    // The field is free for the next words at once; those that could not be sent come back.
    change('', 0);
    setBroadcast(false);
    setSending((count) => count + 1);
    const answer = await act(
      command !== undefined
        ? { kind: 'command', channel, command, text: rest }
        : {
            kind: 'post',
            channel,
            text: typed,
            ...(thread === undefined ? {} : { threadTs: thread, broadcast: isBroadcast }),
          },
    );
    setSending((count) => count - 1);
    if (answer.error === undefined) return;
    setText((next) => next || text);
    setBroadcast((next) => next || isBroadcast);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const current = offered[at];
    if (current) {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step !== undefined) {
        event.preventDefault();
        setChosen((at + step + offered.length) % offered.length);
        return;
      }
      if (event.key === 'Tab' || (event.key === 'Enter' && !event.shiftKey)) {
        event.preventDefault();
        complete(current);
        return;
      }
      if (event.key === 'Escape') {
        event.preventDefault();
        setDismissed(true);
        return;
      }
    }
    if (event.key !== 'Enter' || event.shiftKey) return;
    event.preventDefault();
    void send();
  };

  return (
    <form
      className="composer"
      aria-busy={sending > 0}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      {offered.length > 0 ? (
        <div className="completions" id={listId} role="listbox" aria-label="Completions">
          {offered.map((completion, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the field handles the keys
            // biome-ignore lint/a11y/useFocusableInteractive: the field keeps the focus
            <div
              key={completion.key}
              id={`${listId}-${index}`}
              role="option"
              aria-selected={index === at}
              className="completion"
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => complete(completion)}
            >
              <span>
                <strong>{completion.label}</strong> {completion.hint}
              </span>
              <span className="quiet">{completion.note}</span>
            </div>
          ))}
        </div>
      ) : null}
      <div className="composer-box">
        <textarea
          ref={area}
          rows={1}
          role="combobox"
          aria-label={placeholder}
          aria-expanded={offered.length > 0}
          aria-controls={listId}
          aria-autocomplete="list"
          aria-activedescendant={offered.length > 0 ? `${listId}-${at}` : undefined}
          placeholder={placeholder}
          value={text}
          onChange={(event) => change(event.target.value, event.target.selectionStart)}
          onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
          onKeyDown={onKeyDown}
        />
        <div className="composer-tools">
          <button
            ref={emojiButton}
            type="button"
            className="icon-button"
            aria-label="Insert an emoji"
            onClick={() => setPicking(true)}
          >
            ☺
          </button>
          {thread === undefined ? (
            <span className="quiet composer-hint">{usage ?? 'Enter sends · / for commands'}</span>
          ) : (
            <label className="composer-hint">
              <input
                type="checkbox"
                checked={isBroadcast}
                onChange={(event) => setBroadcast(event.target.checked)}
              />{' '}
              Also send to the channel
            </label>
          )}
          <button
            type="submit"
            className="button primary filled send-button"
            aria-label="Send"
            disabled={text.trim() === ''}
          >
            ➤
          </button>
        </div>
      </div>
      {isPicking ? (
        <EmojiPicker
          anchor={emojiButton}
          onClose={() => setPicking(false)}
          onPick={(name) => insert(`:${name}: `, caret)}
        />
      ) : null}
    </form>
  );
}

const NO_COMMANDS: LiveHello['commands'] = [];
