import type { LivePerson } from '../../slack/live-protocol.ts';
import { decodeEntities } from './parse-mrkdwn.ts';

/** A stored text as its author typed it, with names instead of tokens. */
export function typedFromStored(stored: string, people: readonly LivePerson[]): string {
  const named = stored.replace(/<([^<>\n]+)>/g, (all, token: string) => {
    const [target = '', label] = token.split('|');
    if (target.startsWith('@')) {
      const person = people.find((p) => p.id === target.slice(1));
      return person ? `@${person.name}` : all;
    }
    if (target.startsWith('#')) return `#${label ?? target.slice(1)}`;
    if (target.startsWith('!')) return `@${target.slice(1)}`;
    return target;
  });
  return decodeEntities(named);
}
