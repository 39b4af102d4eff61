import { useRef, useState } from 'react';
import type { LiveMessage } from '../../slack/live-protocol.ts';
import { ConfirmDialog } from './confirm-dialog.tsx';
import { EmojiPicker } from './emoji-picker.tsx';
import { useLive } from './live-context.ts';
import { useNavigation } from './navigation.ts';
import { useAct } from './notices.tsx';
import { Menu, type MenuItem } from './popover.tsx';
import { formatRoute } from './route.ts';

/** The actions on a message: react, reply, and a menu with the others. */
export function MessageToolbar({
  message,
  place,
  onEdit,
}: {
  message: LiveMessage;
  place: 'channel' | 'thread';
  onEdit: () => void;
}) {
  const { channel, ts } = message;
  const act = useAct();
  const { go } = useNavigation();
  const me = useLive((state) => state.me);
  const shortcuts = useLive((state) => state.hello)?.shortcuts ?? [];
  const [open, setOpen] = useState<'emoji' | 'menu' | 'delete'>();
  const emojiButton = useRef<HTMLButtonElement>(null);
  const menuButton = useRef<HTMLButtonElement>(null);
  const close = () => setOpen(undefined);
  const thread = message.thread_ts ?? ts;
  const isMine =
    message.user === me && message.bot_id === undefined && message.subtype !== 'channel_join';

  const items: MenuItem[] = [
    ...shortcuts.map(({ callbackId, name }) => ({
      label: name,
      note: 'shortcut',
      run: () => void act({ kind: 'shortcut', channel, ts, callbackId }),
    })),
    {
      label: 'Copy link',
      run: () => {
        const route = thread === ts ? { message: ts } : { message: ts, thread };
        void navigator.clipboard.writeText(
          location.origin + formatRoute({ kind: 'channel', channel, ...route }),
        );
      },
    },
    ...(isMine
      ? [
          { label: 'Edit message', run: onEdit },
          { label: 'Delete message…', tone: 'danger' as const, run: () => setOpen('delete') },
        ]
      : []),
  ];

  return (
    <div className="toolbar" role="toolbar" aria-label="Message actions">
      <button
        ref={emojiButton}
        type="button"
        className="icon-button"
        aria-label="Add a reaction"
        title="Add a reaction"
        onClick={() => setOpen('emoji')}
      >
        ☺
      </button>
      {place === 'channel' ? (
        <button
          type="button"
          className="icon-button"
          aria-label="Reply in thread"
          title="Reply in thread"
          onClick={() => go({ kind: 'channel', channel, thread })}
        >
          💬
        </button>
      ) : null}
      <button
        ref={menuButton}
        type="button"
        className="icon-button"
        aria-label="More actions"
        aria-haspopup="menu"
        title="More actions"
        onClick={() => setOpen('menu')}
      >
        ⋮
      </button>
      {open === 'emoji' ? (
        <EmojiPicker
          anchor={emojiButton}
          onClose={close}
          onPick={(name) => void act({ kind: 'react', channel, ts, name })}
        />
      ) : null}
      {open === 'menu' ? (
        <Menu anchor={menuButton} onClose={close} label="More actions" items={items} />
      ) : null}
      {open === 'delete' ? (
        <ConfirmDialog
          title="Delete message"
          text="The message is deleted for everybody."
          confirm="Delete"
          deny="Cancel"
          tone="danger"
          onClose={(isConfirmed) => {
            close();
            if (isConfirmed) void act({ kind: 'delete', channel, ts });
          }}
        />
      ) : null}
    </div>
  );
}
