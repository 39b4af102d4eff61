import { useState } from 'react';
import type { LiveMessage } from '../../slack/live-protocol.ts';
import { useLive } from './live-context.ts';
import { useAct } from './notices.tsx';
import { typedFromStored } from './typed.ts';

/** Edits a person's own message. Enter saves, Escape cancels. */
export function MessageEditor({ message, onClose }: { message: LiveMessage; onClose: () => void }) {
  const people = useLive((state) => state.people);
  const [text, setText] = useState(() => typedFromStored(message.text, people));
  const act = useAct();
  const save = async () => {
    const { channel, ts } = message;
    const answer = await act({ kind: 'edit', channel, ts, text });
    if (answer.error === undefined) onClose();
  };
  return (
    <form
      className="editor"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <textarea
        aria-label="Edit the message"
        // biome-ignore lint/a11y/noAutofocus: the person has just asked for this field
        autoFocus
        value={text}
        onChange={(event) => setText(event.target.value)}
        onFocus={(event) => event.target.setSelectionRange(text.length, text.length)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') onClose();
          if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
          event.preventDefault();
          void save();
        }}
      />
      <div className="editor-buttons">
        <button type="button" className="button" onClick={onClose}>
          Cancel
        </button>
        <button type="submit" className="button primary">
          Save
        </button>
      </div>
    </form>
  );
}
