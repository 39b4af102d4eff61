import { describe, expect, test } from 'vitest';
import { findReporter, type Post } from '../../../src/core/intake/reporter.ts';

/** Who says what a post says. */

const post = (more: Partial<Post>): Post => ({
  text: 'The export fails',
  user: null,
  bot: 'B0FORMS',
  username: null,
  botName: null,
  sender: null,
  ...more,
});
const form = (text: string) => post({ text, username: 'Feedback form', botName: 'Typeform' });

test('a person’s post is theirs, whoever is named in it', () => {
  expect(findReporter(post({ user: 'U1', bot: null, text: 'Reported by: <@U2>' }))).toEqual({
    author: 'U1',
    authorName: null,
    reporter: 'U1',
  });
});

describe('a mentioned person', () => {
  test.each([
    ['Reported by: <@U1>\nThe export fails'],
    ['*Reported by*\n<@U1>\n*What*\nThe export fails'],
    ['*Submitted by:* <@U1>'],
    ['• Requester: <@U1|jane>'],
    ['New feedback from <@U1>\nThe export fails'],
    ['The export fails\nSubmitted by <@U1>'],
    ['<@U1> submitted a form\nThe export fails'],
    ['Assignee: <@U2>\nReporter: <@U1>'],
    ['Hey <@U2>, there is news\nFrom: <@U1>'],
    ['User: <@U1>\nThe export fails'],
    ['Employee’s name\n<@U1>'],
    ['Who is reporting?\n<@U1>\nWhat?\nThe export fails'],
    ['<@U1>: The export fails'],
    ['Thanks <@U1> for your feedback: the export fails'],
    ['Hi team, <@U1> just shared feedback: the export fails'],
  ])('%s', (text) => {
    expect(findReporter(form(text))).toEqual({ author: 'U1', authorName: null, reporter: 'U1' });
  });
});

describe('nobody is named by', () => {
  test.each([
    ['Assignee: <@U1>\nThe export fails'],
    ['Hey <@U1>, somebody says that the export fails'],
    ['Reported by: <@U1> or <@U2>'],
    ['Assigned by <@U1>'],
    ['Closed by <@U1>'],
    ['Name: n/a'],
    ['New feedback from Customer Portal'],
    ['Who should look at it?\n<@U1>'],
    ['Reported by: anonymous'],
    ['From: the export to the import everything fails since Monday'],
    ['Name of the page: Export'],
  ])('%s', (text) => {
    expect(findReporter(form(text))).toEqual({
      author: null,
      authorName: 'Feedback form',
      reporter: null,
    });
  });
});

describe('a name', () => {
  test.each<[string, Post, string, string]>([
    [
      'in a field',
      form('Name: Jane Doe\nEmail: <mailto:jane@x.example|jane@x.example>'),
      'Jane Doe',
      'jane doe',
    ],
    [
      'in the line below',
      form('*Your name*\nJane Doe\n*Comment*\nIt fails'),
      'Jane Doe',
      'jane doe',
    ],
    ['beside a bold label', form('*From* Jane Doe\nIt fails'), 'Jane Doe', 'jane doe'],
    ['with an address', form('Requester: Jane Doe (jane@x.example)'), 'Jane Doe', 'jane doe'],
    ['of a customer', form('Customer: Jane Doe\nIt fails'), 'Jane Doe', 'jane doe'],
    ['before what they say', form('Jane Doe wrote:\nIt fails'), 'Jane Doe', 'jane doe'],
    ['in a heading', form('New review by Jane Doe ★★\nIt fails'), 'Jane Doe', 'jane doe'],
    [
      'an address',
      form('Email: <mailto:jane@x.example|jane@x.example>'),
      'jane@x.example',
      'jane@x.example',
    ],
    [
      'the sender of an e-mail',
      post({ sender: { name: 'Jane', address: 'Jane@x.example' } }),
      'Jane',
      'jane@x.example',
    ],
    [
      'the address of an e-mail',
      post({ sender: { name: '', address: 'jane@x.example' } }),
      'jane@x.example',
      'jane@x.example',
    ],
    [
      'a relay’s username',
      post({ username: 'Jane Doe', botName: 'Relay' }),
      'Jane Doe',
      'jane doe',
    ],
    [
      'with where it is from',
      post({ username: 'jane (Discord)', botName: 'Relay' }),
      'jane (Discord)',
      'jane (discord)',
    ],
  ])('%s', (_what, named, authorName, reporter) => {
    expect(findReporter(named)).toEqual({ author: null, authorName, reporter });
  });
});

describe('an integration’s own name is nobody’s', () => {
  test.each(['Feedback Bot', 'Zendesk', 'App reviews', 'Typeform', 'acme-support'])(
    '%s',
    (username) => {
      const { authorName, reporter } = findReporter(post({ username, botName: 'Typeform' }));
      expect({ authorName, reporter }).toEqual({ authorName: username, reporter: null });
    },
  );
  test('as which it posts', () => {
    expect(findReporter(post({ user: 'U0APP', botName: 'Survey' }))).toEqual({
      author: 'U0APP',
      authorName: 'Survey',
      reporter: null,
    });
  });
});
