import type { ReactNode } from 'react';
import { characterOf } from './emoji.ts';
import { useLive } from './live-context.ts';
import { useNavigation } from './navigation.ts';
import { routeOfLink } from './route.ts';

/** A mention of a person. */
export function Mention({ id }: { id: string }) {
  const person = useLive((state) => state.people).find((p) => p.id === id);
  const isMe = useLive((state) => state.me) === id;
  return <span className={isMe ? 'mention mention-me' : 'mention'}>@{person?.realName ?? id}</span>;
}

/** A mention of a channel; a click opens it. */
export function ChannelName({ id, label }: { id: string; label?: string | undefined }) {
  const channel = useLive((state) => state.channels)?.find((c) => c.id === id);
  const { go } = useNavigation();
  const name = `#${channel?.name ?? label ?? id}`;
  if (!channel) return <span className="mention">{name}</span>;
  return (
    <button
      type="button"
      className="mention mention-link"
      onClick={() => go({ kind: 'channel', channel: id })}
    >
      {name}
    </button>
  );
}

export function Emoji({ name }: { name: string }) {
  const character = characterOf(name);
  const isCustom = useLive((state) => state.customEmoji).includes(name);
  if (character === undefined)
    return <span className={isCustom ? 'emoji-custom' : undefined}>:{name}:</span>;
  return (
    <span
      className="emoji"
      role="img"
      aria-label={`${name.replaceAll('_', ' ')} emoji`}
      title={`:${name}:`}
    >
      {character}
    </span>
  );
}

/** A link: into this workspace it opens here, otherwise in a new tab. */
export function Link({
  url,
  className,
  onClick,
  children,
}: {
  url: string;
  className?: string;
  onClick?: () => void;
  children: ReactNode;
}) {
  const teamDomain = useLive((state) => state.hello)?.teamDomain ?? '';
  const { go } = useNavigation();
  const route = routeOfLink(url, teamDomain, location.origin);
  const isSafe = /^(https?|mailto|tel|slack):/i.test(url);
  if (!isSafe) return <span className={className}>{children}</span>;
  return (
    <a
      className={className}
      href={url}
      target="_blank"
      rel="noreferrer noopener"
      onClick={(event) => {
        onClick?.();
        if (!route || event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        go(route);
      }}
    >
      {children}
    </a>
  );
}
