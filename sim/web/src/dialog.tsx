import { type ReactNode, useId, useLayoutEffect, useRef } from 'react';

/** The browser's own modal dialog: it traps the focus and restores it. */
export function Dialog({
  title,
  onCancel,
  className = '',
  children,
}: {
  title: ReactNode;
  /** Called on Escape or a click on the backdrop. */
  onCancel: () => void;
  className?: string;
  children: ReactNode;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useLayoutEffect(() => {
    const element = dialog.current;
    const before = document.activeElement;
    element?.showModal();
    // A form starts at its first field, not at its close button.
    element?.querySelector<HTMLElement>('[data-first], form :is(input, textarea, select)')?.focus();
    return () => {
      element?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      className={`dialog ${className}`}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onCancel();
      }}
    >
      <h2 id={titleId} className="dialog-title">
        {title}
      </h2>
      {children}
    </dialog>
  );
}
