import { type KeyboardEvent, type ReactNode, type RefObject, useLayoutEffect, useRef } from 'react';

/**
 * A box beside its anchor and above everything else. Escape, a click elsewhere or its owner closes it.
 * The first control in it gets the focus; closing returns the focus to the anchor.
 */
export function Popover({
  anchor,
  onClose,
  label,
  role = 'dialog',
  className = '',
  children,
}: {
  anchor: RefObject<HTMLElement | null>;
  onClose: () => void;
  label: string;
  role?: 'dialog' | 'menu' | 'listbox';
  className?: string;
  children: ReactNode;
}) {
  const box = useRef<HTMLDivElement>(null);
  const close = useRef(onClose);
  close.current = onClose;

  useLayoutEffect(() => {
    const element = box.current;
    const opener = anchor.current;
    if (!element || !opener) return;
    element.showPopover();
    place(element, opener.getBoundingClientRect());
    element.querySelector<HTMLElement>('[autofocus], button, input, a, [tabindex]')?.focus();
    const closed = (event: Event) => {
      if ((event as ToggleEvent).newState === 'closed') close.current();
    };
    const follow = () => element.hidePopover();
    element.addEventListener('toggle', closed);
    window.addEventListener('resize', follow);
    return () => {
      element.removeEventListener('toggle', closed);
      window.removeEventListener('resize', follow);
      const hadFocus =
        element.contains(document.activeElement) || document.activeElement === document.body;
      if (hadFocus) opener.focus();
    };
  }, [anchor]);

  return (
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: all its roles take a label
    <div ref={box} popover="auto" role={role} aria-label={label} className={`popover ${className}`}>
      {children}
    </div>
  );
}

const GAP = 6;

/** Places it below the anchor, or above if there is no room, and always inside the window. */
function place(element: HTMLElement, opener: DOMRect): void {
  const { width, height } = element.getBoundingClientRect();
  const below = opener.bottom + GAP;
  const top =
    below + height <= innerHeight - GAP ? below : Math.max(GAP, opener.top - GAP - height);
  const left = Math.max(GAP, Math.min(opener.right - width, innerWidth - width - GAP));
  const start = opener.left + width <= innerWidth - GAP ? opener.left : left;
  element.style.top = `${top}px`;
  element.style.left = `${start}px`;
}

export interface MenuItem {
  label: string;
  tone?: 'danger' | undefined;
  note?: string | undefined;
  run: () => void;
}

/** A menu: the arrow keys, Home and End move, Escape closes. */
export function Menu({
  anchor,
  onClose,
  label,
  items,
}: {
  anchor: RefObject<HTMLElement | null>;
  onClose: () => void;
  label: string;
  items: readonly MenuItem[];
}) {
  const move = (event: KeyboardEvent<HTMLElement>) => {
    const all = [...event.currentTarget.querySelectorAll<HTMLElement>('[role=menuitem]')];
    const at = all.indexOf(document.activeElement as HTMLElement);
    const targets: Record<string, number> = {
      ArrowDown: (at + 1) % all.length,
      ArrowUp: (at - 1 + all.length) % all.length,
      Home: 0,
      End: all.length - 1,
    };
    const next = targets[event.key];
    if (next === undefined) return;
    event.preventDefault();
    all[next]?.focus();
  };
  return (
    <Popover anchor={anchor} onClose={onClose} label={label} role="menu" className="menu">
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the keys of the menu around it */}
      <div onKeyDown={move} role="presentation">
        {items.map((item) => (
          <button
            key={item.label}
            type="button"
            role="menuitem"
            className={item.tone === 'danger' ? 'menu-item menu-danger' : 'menu-item'}
            onClick={() => {
              onClose();
              item.run();
            }}
          >
            <span>{item.label}</span>
            {item.note === undefined ? null : <span className="menu-note">{item.note}</span>}
          </button>
        ))}
      </div>
    </Popover>
  );
}
