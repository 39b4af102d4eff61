import { type RefObject, useMemo, useState } from 'react';
import { searchEmoji } from './emoji.ts';
import { useLive } from './live-context.ts';
import { Popover } from './popover.tsx';

/** Picks an emoji from a grid or by name. */
export function EmojiPicker({
  anchor,
  onClose,
  onPick,
}: {
  anchor: RefObject<HTMLElement | null>;
  onClose: () => void;
  onPick: (name: string) => void;
}) {
  const [query, setQuery] = useState('');
  const custom = useLive((state) => state.customEmoji);
  const found = useMemo(
    () => [
      ...searchEmoji(query),
      ...custom
        .filter((name) => name.includes(query.trim().toLowerCase()))
        .map((name) => ({ name, character: `:${name}:` })),
    ],
    [query, custom],
  );
  const pick = (name: string) => {
    onClose();
    onPick(name);
  };
  return (
    <Popover anchor={anchor} onClose={onClose} label="Choose an emoji" className="emoji-picker">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const first = found[0];
          if (first) pick(first.name);
        }}
      >
        <input
          type="search"
          aria-label="Search emoji by name"
          placeholder="Search by name"
          value={query}
          onChange={(event) => setQuery(event.target.value)}
        />
      </form>
      <div className="emoji-grid">
        {found.map(({ name, character }) => (
          <button
            key={name}
            type="button"
            title={`:${name}:`}
            aria-label={name}
            onClick={() => pick(name)}
          >
            {character}
          </button>
        ))}
        {found.length === 0 ? <p className="quiet">No emoji of that name.</p> : null}
      </div>
    </Popover>
  );
}
