import path from 'node:path';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { backUpDatabase } from '../../src/store/db/backup.ts';
import {
  type Admins,
  bytesIn,
  forgetMessage,
  forgetPerson,
  listLeft,
  startAdmins,
} from './stage.ts';

/** After something was forgotten, no file holds a word of it. */

/** Each place has a word of its own, in a script that nothing else uses. */
const WORDS = {
  text: 'ᚠᚢᚦᚨᚱᚲ',
  before: 'ꓐꓑꓒꓓꓔꓕ',
  reply: 'ⰀⰁⰂⰃⰄⰅ',
  lists: 'ⴰⴱⴲⴳⴴⴵ',
  theirReply: 'ᎠᎡᎢᎣᎤᎥ',
  queued: 'ꔀꔁꔂꔃꔄꔅ',
  noise: 'ꕀꕁꕂꕃꕄꕅ',
  dead: 'ᏣᏤᏥᏦᏧᏨ',
};
const ALL = Object.values(WORDS);
/** Terms of the index of words have three characters; they share their beginnings. */
const SIGNS = ALL.map((word) => word.slice(2, 3));

/** Ana's words are in every place that the bot has for words; Ben's stay. */
async function plant(): Promise<Admins & { others: string }> {
  const people = await startAdmins(
    [
      `The export crashes ${WORDS.text} on Safari`,
      `It crashes ${WORDS.before} when I save`,
      `Lunch ${WORDS.noise} anyone`,
      `Nothing ${WORDS.dead} to see`,
    ],
    { onDisk: true },
  );
  const { slack, channel, user, ben, claude } = people;
  const [first = '', second = '', noise = ''] = people.sent;
  slack.post({ channel, user: ben, text: 'The export crashes on Safari, says Ben' });
  const others = slack.post({ channel, user: ben, text: 'The print view crashes' });
  slack.post({ channel, user, text: `Me too ${WORDS.theirReply}`, threadTs: others });
  slack.post({ channel, user: ben, text: `You said ${WORDS.reply}?`, threadTs: first });
  slack.edit({ channel, ts: second, text: `It crashes ${WORDS.lists} when I save` });
  await slack.idle();
  claude.faults.addItem({
    outcome: 'not_json',
    times: 9,
    match: (_id, text) => text.includes(WORDS.dead),
  });
  for (let run = 0; run < 3; run++) await people.sumUp();
  // An example, and a verdict by a person; a message rescued from noise.
  await people.press(ben, first, 'category', 'usability');
  await people.react(ben, noise, 'bug');
  await people.type(`search ${WORDS.text}`);
  // A card that Slack does not take waits in the outbox.
  slack.post({ channel, user, text: `It crashes ${WORDS.queued} when I print` });
  await slack.idle();
  slack.limitPosting(channel, 'preference', { allowsEphemerals: true });
  await people.sumUp();
  return Object.assign(people, { others });
}

const left = async (people: Admins): Promise<string[]> => {
  const { directory = '', logs } = people;
  await backUpDatabase(path.join(directory, 'winnow.db'), path.join(directory, 'backup.db'));
  const logged = Buffer.from(JSON.stringify(logs)).toString('latin1');
  return listLeft(`${bytesIn(directory)}${logged}`, [...ALL, ...SIGNS]);
};

test('a person', async () => {
  const people = await plant();
  // A text from before an edit may have been overwritten already.
  const planted = [...ALL, ...SIGNS].filter((word) => !WORDS.before.includes(word));
  expect(listLeft(bytesIn(people.directory), planted).sort()).toEqual(planted.sort());
  const themes = await people.rows(sql<{ title: string }>`select title from themes`);
  expect(themes.some(({ title }) => title.includes(WORDS.text))).toBe(true);

  await forgetPerson(people, people.user);
  expect(await left(people)).toEqual([]);
  const kept = await people.rows(
    sql<{ text: string }>`select text from messages where text like '%Ben%'`,
  );
  expect(kept).toHaveLength(1);
  expect(await people.type('search Ben')).toContain('1 message with “Ben”');
});

test('one message after another', async () => {
  const people = await plant();
  const messages = await people.rows(sql<{ ts: string }>`select ts from messages
    where author = ${people.user} or ts = ${people.others} order by ts`);
  for (const { ts } of messages) await forgetMessage(people, ts);
  expect(await left(people)).toEqual([]);
});
