// Blocks that slack-blocks-to-jsx draws well, with this page's names, emoji, dates and links.
import { memo, type ReactNode, useMemo } from 'react';
import { Message } from 'slack-blocks-to-jsx';
import { ChannelName, Emoji, Link, Mention } from '../entities.tsx';
import { useLive } from '../live-context.ts';
import { SlackDate } from '../text.tsx';
import { useIsDark } from './theme.ts';
import type { Json } from './values.ts';

type Props = Parameters<typeof Message>[0];

const HOOKS: NonNullable<Props['hooks']> = {
  user: ({ id }) => <Mention id={id} />,
  channel: ({ id }) => <ChannelName id={id} />,
  emoji: ({ name }) => <Emoji name={name} />,
  link: ({ href, children }): ReactNode => <Link url={href}>{children}</Link>,
  date: ({ timestamp, format, link }) => (
    <SlackDate seconds={Number(timestamp)} format={format} link={link ?? undefined} />
  ),
};

export const LibraryBlock = memo(function LibraryBlock({ block }: { block: Json }) {
  const people = useLive((state) => state.people);
  const channels = useLive((state) => state.channels);
  const isDark = useIsDark();
  // The library leaves out an element without a name, whatever its hook renders.
  const data = useMemo(
    () => ({
      users: people.map(({ id, realName }) => ({ id, name: realName })),
      channels: (channels ?? []).map(({ id, name }) => ({ id, name })),
    }),
    [people, channels],
  );
  const blocks = useMemo(() => [block] as unknown as Props['blocks'], [block]);
  return (
    <div className={`block-library block-${String(block.type)}`}>
      <Message
        blocks={blocks}
        data={data}
        hooks={HOOKS}
        theme={isDark ? 'dark' : 'light'}
        withoutWrapper
        logo=""
        name=""
      />
    </div>
  );
});
