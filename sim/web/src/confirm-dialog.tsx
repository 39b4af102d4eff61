import type { ReactNode } from 'react';
import { createPortal } from 'react-dom';
import { Dialog } from './dialog.tsx';

/** Asks for confirmation. */
export function ConfirmDialog({
  title,
  text,
  confirm,
  deny,
  tone,
  onClose,
}: {
  title: string;
  text: ReactNode;
  confirm: string;
  deny: string;
  tone?: 'primary' | 'danger' | undefined;
  onClose: (isConfirmed: boolean) => void;
}) {
  return createPortal(
    <Dialog title={title} onCancel={() => onClose(false)} className="confirm">
      <div className="dialog-body">{text}</div>
      <div className="dialog-buttons">
        <button type="button" className="button" onClick={() => onClose(false)}>
          {deny}
        </button>
        <button
          type="button"
          className={`button ${tone ?? 'primary'} filled`}
          onClick={() => onClose(true)}
        >
          {confirm}
        </button>
      </div>
    </Dialog>,
    document.body,
  );
}
