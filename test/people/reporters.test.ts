import { expect, test } from 'vitest';
import { type People, startPeople, words } from './stage.ts';

/** Who is shown and thanked for what integrations post. */

const FORM = { botId: 'B0FORMS', subtype: 'bot_message' };
const SAYS = 'It crashes when I save';

async function startWithPost(post: (people: People) => object) {
  const people = await startPeople([], { settings: { closeTheLoop: true } });
  people.slack.addUser({ id: 'USLACKBOT', name: 'slackbot' });
  const { slack, channel } = people;
  const ts = slack.post({ channel, ...post(people) });
  await slack.idle();
  await people.sumUp();
  const thanks = async () => {
    await people.press(people.ben, ts, 'resolve');
    people.clock.jump(2 * 60_000);
    await people.rest();
    const [said] = slack.thread(channel, ts).filter(({ bot_id }) => bot_id === slack.botId);
    return said;
  };
  return { people, ts, thanks };
}

test('a person named in a form is its reporter: shown, mentioned and thanked', async () => {
  const { people, ts, thanks } = await startWithPost(({ cleo }) => ({
    ...FORM,
    text: `${SAYS}\n*Reported by:* <@${cleo}>`,
  }));
  expect(words(people.card(ts).blocks)).toContain('cleo · ');
  const said = await thanks();
  expect(said && people.slack.pings(said)).toEqual([`<@${people.cleo}>`]);
  expect(words(said?.blocks)).toContain('has been resolved by ben. Thank you for telling us.');
});

test('a guest who is named is not mentioned', async () => {
  const { people, thanks } = await startWithPost(({ slack }) => {
    const guest = slack.addUser({ name: 'gil', isRestricted: true });
    return { ...FORM, text: `${SAYS}\n*Reported by:* <@${guest}>` };
  });
  const said = await thanks();
  expect(said && people.slack.pings(said)).toEqual([]);
  expect(words(said?.blocks)).toMatch(/^This has been resolved by ben\.\n*$/);
});

test('the sender of an e-mail is shown by name; nobody in Slack is thanked', async () => {
  const { people, ts, thanks } = await startWithPost(() => ({
    user: 'USLACKBOT',
    files: [
      {
        id: 'F1',
        mode: 'email',
        subject: SAYS,
        title: SAYS,
        from: [{ address: 'jane@example.com', name: 'Jane <!here>' }],
        plain_text: 'every time, and we lose all our data',
      },
    ],
  }));
  expect(words(people.card(ts).blocks)).toContain('Jane <!here> · ');
  expect(people.slack.pings(people.card(ts))).toEqual([]);
  const said = await thanks();
  expect(words(said?.blocks)).toMatch(/^This has been resolved by ben\.\n*$/);
});

test('a relay’s username is who says it', async () => {
  const { people, ts } = await startWithPost(({ slack }) => ({
    botId: slack.addIntegration({ name: 'Discord relay' }),
    username: 'Jane Doe',
    text: SAYS,
  }));
  expect(words(people.card(ts).blocks)).toContain('Jane Doe · ');
});
