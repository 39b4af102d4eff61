import type { PeopleEmoji } from '../../core/people/acts.ts';
import { shorten } from '../../core/text.ts';

/** What a post has to know of the workspace that it goes to. */
export interface Surroundings {
  /** As auth.test gives it, with its closing slash. */
  workspaceUrl: string;
  nameOf: (user: string) => string | undefined;
  /** IANA, such as Europe/Paris. */
  timeZone: string;
  /** What people's reactions mean: posts show their signs. */
  emoji: PeopleEmoji;
  /** The language, as a tag, of the one person who reads it; what everybody reads is in English. */
  locale?: string;
}

/** Slack's own limit of a display name, November 2026. */
export const NAME_LENGTH = 80;

/** People are named, never mentioned: a post must not ring anybody. */
export function namePerson(
  user: string | null,
  { nameOf }: Surroundings,
  unknown = 'a teammate',
): string {
  return shorten((user && nameOf(user)) || '', NAME_LENGTH) || unknown;
}

export function nameAuthor(
  message: { author: string | null; authorName: string | null },
  around: Surroundings,
): string {
  const { author, authorName } = message;
  return namePerson(author, around, shorten(authorName ?? '', NAME_LENGTH) || 'A teammate');
}
