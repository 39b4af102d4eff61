// Completion in the composer: commands at the start, people and emoji anywhere.
import type { LiveHello, LivePerson } from '../../slack/live-protocol.ts';
import { searchEmoji } from './emoji.ts';

export interface Completion {
  key: string;
  /** The label and its description. */
  label: string;
  hint?: string | undefined;
  note?: string | undefined;
  /** Replaces the text from `from` to the caret. */
  insert: string;
  from: number;
}

const MOST = 8;

export function findCompletions(
  text: string,
  caret: number,
  { commands, people }: { commands: LiveHello['commands']; people: readonly LivePerson[] },
): Completion[] {
  const typed = text.slice(0, caret);
  if (typed.startsWith('/') && !typed.includes('\n')) {
    const wanted = typed.toLowerCase();
    return commands
      .filter(({ command }) => command.startsWith(wanted) && command !== wanted.trimEnd())
      .slice(0, MOST)
      .map(({ command, hint, description }) => ({
        key: command,
        label: command,
        hint,
        note: description,
        insert: `${command} `,
        from: 0,
      }));
  }
  const [, sigil, word = ''] = /(?:^|\s)([@:])([\p{L}\p{N}_+.-]{1,30})$/u.exec(typed) ?? [];
  const from = caret - word.length - 1;
  if (sigil === '@') {
    const wanted = word.toLowerCase();
    return people
      .filter(
        (p) => p.name.toLowerCase().startsWith(wanted) || p.realName.toLowerCase().includes(wanted),
      )
      .slice(0, MOST)
      .map((p) => ({
        key: p.id,
        label: p.realName,
        note: `@${p.name}`,
        insert: `@${p.name} `,
        from,
      }));
  }
  if (sigil === ':' && word.length > 1) {
    return searchEmoji(word)
      .slice(0, MOST)
      .map(({ name, character }) => ({
        key: name,
        label: `${character} :${name}:`,
        insert: `:${name}: `,
        from,
      }));
  }
  return [];
}

/** The usage hint of the typed command. */
export function findUsage(text: string, commands: LiveHello['commands']): string | undefined {
  const word = /^\/\S+(?=\s)/.exec(text)?.[0];
  const command = commands.find((c) => c.command === word);
  return command?.hint === undefined ? undefined : `${command.command} ${command.hint}`;
}
