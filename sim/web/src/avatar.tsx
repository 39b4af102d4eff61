import { memo } from 'react';

const COLORS = [
  '#7a3e9d',
  '#1d6b9f',
  '#a8480f',
  '#2a7353',
  '#9c2f5b',
  '#4a5a9a',
  '#6b5a0e',
  '#8a3b3b',
];

/** A person's initials on a colour of their own. */
export const Avatar = memo(function Avatar({
  id,
  name,
  size = 36,
}: {
  id: string;
  name: string;
  size?: number;
}) {
  const sum = [...id].reduce((total, letter) => (total * 31 + letter.charCodeAt(0)) % 997, 7);
  const letters = name
    .split(/[\s._-]+/)
    .map((word) => /[\p{L}\p{N}]/u.exec(word)?.[0] ?? '')
    .join('')
    .slice(0, 2)
    .toUpperCase();
  return (
    <span
      className="avatar"
      aria-hidden="true"
      style={{
        background: COLORS[sum % COLORS.length],
        width: size,
        height: size,
        fontSize: size * 0.4,
      }}
    >
      {letters || '?'}
    </span>
  );
});
