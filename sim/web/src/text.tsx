// Slack's two kinds of text: mrkdwn, and plain text, which has only emoji names.
import { Fragment, memo } from 'react';
import { ChannelName, Emoji, Link, Mention } from './entities.tsx';
import { useMe } from './live-context.ts';
import { type Piece, parseMrkdwn } from './parse-mrkdwn.ts';
import { formatSlackDate } from './time.ts';

export const Mrkdwn = memo(function Mrkdwn({ text }: { text: string }) {
  return <Pieces pieces={parseMrkdwn(text)} />;
});

function Pieces({ pieces }: { pieces: readonly Piece[] }) {
  // Indexes are stable keys here: a changed text is parsed and rendered as a whole.
  return pieces.map((piece, index) => <PieceView key={`${index}-${piece.kind}`} piece={piece} />);
}

function PieceView({ piece }: { piece: Piece }) {
  switch (piece.kind) {
    case 'text':
      return piece.text;
    case 'bold':
      return (
        <strong>
          <Pieces pieces={piece.pieces} />
        </strong>
      );
    case 'italic':
      return (
        <em>
          <Pieces pieces={piece.pieces} />
        </em>
      );
    case 'strike':
      return (
        <s>
          <Pieces pieces={piece.pieces} />
        </s>
      );
    case 'quote':
      return (
        <blockquote>
          <Pieces pieces={piece.pieces} />
        </blockquote>
      );
    case 'code':
      return <code>{piece.text}</code>;
    case 'preformatted':
      return <pre>{piece.text}</pre>;
    case 'link':
      return <Link url={piece.url}>{piece.label}</Link>;
    case 'user':
      return <Mention id={piece.id} />;
    case 'channel':
      return <ChannelName id={piece.id} label={piece.label} />;
    case 'broadcast':
      return <span className="mention mention-me">{piece.label}</span>;
    case 'date':
      return <SlackDate seconds={piece.seconds} format={piece.format} link={piece.link} />;
    case 'emoji':
      return <Emoji name={piece.name} />;
    default:
      return piece satisfies never;
  }
}

export function SlackDate({
  seconds,
  format,
  link,
}: {
  seconds: number;
  format: string;
  link: string | undefined;
}) {
  const zone = useMe()?.tz ?? 'UTC';
  const shown = (
    <time dateTime={new Date(seconds * 1000).toISOString()}>
      {formatSlackDate(seconds, format, zone)}
    </time>
  );
  return link ? <Link url={link}>{shown}</Link> : shown;
}

export function PlainText({ text }: { text: string }) {
  const parts = text.split(/:([\p{L}\d_+'-]+(?:::skin-tone-[2-6])?):/u);
  return parts.map((part, index) => (
    <Fragment key={index}>{index % 2 === 1 ? <Emoji name={part} /> : part}</Fragment>
  ));
}
