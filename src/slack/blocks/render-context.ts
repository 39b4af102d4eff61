import type { PeopleEmoji } from '../../core/people/acts.ts';
import type { Host } from '../../core/settings/hosted.ts';
import { shorten } from '../../core/text.ts';

/** What rendering a post needs to know about its workspace and readers. */
export interface RenderContext {
  /** As auth.test returns it, with a trailing slash. */
  workspaceUrl: string;
  nameOf: (user: string) => string | undefined;
  /** An IANA name, such as Europe/Paris. */
  timeZone: string;
  /** The emoji of people's reactions, which posts show too. */
  emoji: PeopleEmoji;
  hosted: Host;
  /** The language tag of the only reader; posts that everybody reads are in English. */
  locale?: string;
}

/** Slack's own limit for a display name, November 2026. */
export const NAME_LENGTH = 80;

/** Names a person without mentioning them: a post must not notify anybody. */
export function namePerson(
  user: string | null,
  { nameOf }: RenderContext,
  unknown = 'a teammate',
): string {
  return shorten((user && nameOf(user)) || '', NAME_LENGTH) || unknown;
}

export function nameAuthor(
  message: { author: string | null; authorName: string | null },
  renderContext: RenderContext,
): string {
  const { author, authorName } = message;
  return namePerson(author, renderContext, shorten(authorName ?? '', NAME_LENGTH) || 'A teammate');
}
