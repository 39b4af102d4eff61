import {
  alert,
  chat,
  deskTicket,
  email,
  form,
  forwarded,
  picture,
  relayedForm,
  review,
  type Shape,
  survey,
  trackerTicket,
  voiceClip,
} from './shapes.ts';

/** A day of a feedback channel that integrations feed. All of its data is made up. */

/** Who posts: an integration, Slackbot, or a person of the team. */
export type Source = keyof typeof INTEGRATIONS | 'e-mail' | 'team';

/** With a bot user they sign as today's apps do. */
export const INTEGRATIONS = {
  forms: { name: 'Forms', hasUser: true },
  webhook: { name: 'Contact form' },
  tracker: { name: 'Tracker', hasUser: true },
  desk: { name: 'Help desk' },
  reviews: { name: 'Store reviews', hasUser: true },
  chat: { name: 'Site chat', hasUser: true },
  survey: { name: 'Survey', hasUser: true },
  monitor: { name: 'Uptime' },
} as const;

interface Post {
  by: Source;
  post: Shape;
  /** What the same post says later that day. */
  edit?: Shape;
}

/** Stands for a person of the team whom a post names. */
export const COLLEAGUE = '@COLLEAGUE';

const beta = (wrong: string, wish: string): Post => ({
  by: 'forms',
  post: form('Beta feedback', [
    ['What went wrong?', wrong],
    ['What do you wish for?', wish],
  ]),
});
const contact = (name: string, says: string): Post => ({
  by: 'webhook',
  post: relayedForm([
    ['Name', name],
    ['Message', says],
  ]),
});
const ticket = (key: string, title: string, says: string, priority = 'Medium'): Post => ({
  by: 'tracker',
  post: trackerTicket(key, { by: 'Priya', title, says, priority }),
});
const desk = (id: number, subject: string, says: string): Post => ({
  by: 'desk',
  post: deskTicket(id, subject, says),
});
const stars = (count: number, author: string, title: string, says: string): Post => ({
  by: 'reviews',
  post: review(count, { author, title, says, version: '4.2.0' }),
});
const mail = (id: string, from: [string, string], subject: string, says: string): Post => ({
  by: 'e-mail',
  post: email(id, { from, subject, says }),
});
const talk = (visitor: string, ...lines: string[]): Post => ({
  by: 'chat',
  post: chat(visitor, lines, 'https://app.example/pricing'),
});
const nps = (score: number, says: string, plan = 'Team'): Post => ({
  by: 'survey',
  post: survey(score, says, plan),
});
const team = (post: Shape): Post => ({ by: 'team', post });
const monitor = (what: string, state: 'down' | 'up'): Post => ({
  by: 'monitor',
  post: alert(what, state),
});

/** 60 posts in the order of the day. */
export const DAY: readonly Post[] = [
  beta('The export crashes on save', 'Nothing, it should just work'),
  stars(5, 'runner_42', 'Love it', 'Best app for our team, the new look is great.'),
  monitor('api.example', 'down'),
  monitor('api.example', 'up'),
  {
    ...ticket(
      'APP-101',
      'Sync stops after an hour',
      'Sync fails on Android after an hour.',
      'High',
    ),
    edit: trackerTicket('APP-101', {
      by: 'Priya',
      title: 'Sync stops after an hour',
      says: 'Sync fails on Android after an hour. All unsaved notes are lost, for every customer.',
      priority: 'High',
    }),
  },
  mail(
    'F0MAIL1',
    ['Jane Roe', 'jane@customer.example'],
    'Export broken',
    'Dear team,\nsince Monday the export fails with an error. We lose data.\nRegards, Jane',
  ),
  talk(
    'Visitor from Lyon',
    'Bonjour !',
    "Comment est-ce que je change la langue de l'application ?",
  ),
  nps(3, 'Far too slow, every page takes ages to load'),
  contact('Sam Poe', 'Please add a dark mode'),
  desk(4711, 'Cannot log in', 'Login fails with "invalid code" since the update.'),
  stars(1, 'angry_user', 'Crashes', 'It crashes whenever I open the calendar. Useless.'),
  team(voiceClip('F0CLIP1', 'A customer on the phone says that the invoice page is confusing')),
  beta('I could not find the settings', 'A search for settings'),
  nps(10, 'Great support, I love this app', 'Enterprise'),
  ticket('APP-102', 'Dark mode', 'Customers ask for a dark mode in the editor.'),
  talk('Alex (trial)', 'Is there a discount for students?'),
  mail(
    'F0MAIL2',
    ['Omar Li', 'omar@customer.example'],
    'A wish: offline mode',
    'It would be great to have an offline mode for the train.',
  ),
  stars(4, 'mapfan', 'Nearly there', 'Good app, but please add widgets.'),
  team(picture('F0PIC1', '', 'A dialog that says: Error 500, could not save your report')),
  contact('Kim Doe', 'How do I delete my account?'),
  monitor('billing.example', 'down'),
  beta('', 'Please add an integration with our calendar'),
  desk(4712, 'Invoice is wrong', 'We were charged twice this month and want our money back.'),
  nps(6, '', 'Free'),
  {
    ...talk('Visitor from Oslo', 'The app freezes'),
    edit: chat(
      'Visitor from Oslo',
      ['The app freezes', 'when I attach a photo. It worked last week'],
      'https://app.example/pricing',
    ),
  },
  stars(2, 'old_phone', 'Battery', 'Drains my battery since the last update, very annoying.'),
  team(forwarded('From a call today', 'Ben', 'Acme will leave if the login keeps failing')),
  ticket('APP-103', 'Typos on the start page', 'Two typos on the start page.', 'Low'),
  mail(
    'F0MAIL3',
    ['News', 'news@vendor.example'],
    'Our autumn newsletter',
    'Read about our new offices and meet the team.',
  ),
  beta('Notifications come hours late', 'Notifications that come on time'),
  nps(9, 'Works well, thank you'),
  contact('Ira Moe', 'The app logs me out every day, it is very annoying'),
  stars(5, 'teacher', 'Wonderful', 'Wonderful and easy to use in class!'),
  talk('Jo (customer)', 'Hi', 'your new editor is awesome, thanks'),
  desk(4713, 'Export to PDF', 'Is it possible to export to PDF?'),
  team({
    text: 'Numbers of this week',
    blocks: [
      {
        type: 'table',
        block_id: 'numbers',
        rows: [
          [
            { type: 'raw_text', text: 'Complaint' },
            { type: 'raw_text', text: 'Tickets' },
          ],
          [
            { type: 'raw_text', text: 'Search finds nothing' },
            { type: 'raw_number', value: 12, text: '12' },
          ],
        ],
      },
    ],
  }),
  {
    ...ticket(
      'APP-104',
      'Search finds nothing',
      'Search returns an error for names with an umlaut.',
    ),
    edit: trackerTicket('APP-104', {
      by: 'Priya',
      title: 'Search finds nothing',
      says: 'Search returns an error for names with an umlaut.',
      priority: 'Medium',
      status: 'In Progress',
    }),
  },
  stars(1, 'gone', 'Lost everything', 'The update deleted all my data!!! I want it back now.'),
  nps(7, 'Good, but I wish there was a desktop app'),
  monitor('billing.example', 'up'),
  mail(
    'F0MAIL4',
    ['Eva Noor', 'eva@customer.example'],
    'Re: Export broken',
    'It still fails for us. Our whole team is blocked.',
  ),
  {
    by: 'forms',
    post: form('Colleagues hear', [
      ['Reported by', `<${COLLEAGUE}>`],
      ['What did you hear?', 'The keyboard covers the text field'],
    ]),
  },
  talk('Visitor from Bonn', 'Die App stürzt beim Speichern ab'),
  contact('Lee Fox', 'Just wanted to say that I love the app'),
  desk(4714, 'Feature request', 'Please allow us to share reports with guests.'),
  // The help desk has had no answer, and sends what it sent.
  desk(4712, 'Invoice is wrong', 'We were charged twice this month and want our money back.'),
  nps(2, 'The menu is confusing and I cannot find anything', 'Enterprise'),
  ticket('APP-105', 'Upload fails', 'Uploads above 10 MB fail with a timeout.', 'High'),
  team({
    text: '',
    files: [
      {
        id: 'F0SNIP1',
        mode: 'snippet',
        name: 'log.txt',
        title: 'log.txt',
        filetype: 'text',
        preview: 'ERROR upload failed: timeout after 30 s',
        preview_is_truncated: false,
      },
    ],
  }),
  mail(
    'F0MAIL5',
    ['Max Ude', 'max@customer.example'],
    'Thank you',
    'Your support was fantastic. Thank you!',
  ),
  stars(4, 'cyclist', 'Nice', 'Nice app, the maps are beautiful.'),
  talk('Visitor from Rome', 'Can I pay by invoice?'),
  beta('Crash when I rotate the screen', 'A fix, please'),
  desk(4715, 'Out of office', 'I am on holiday until Monday.'),
  nps(8, 'Reliable. Please add a widget'),
  contact('Ada Roy', 'The search is broken on Safari'),
  mail(
    'F0MAIL6',
    ['Ben Oak', 'ben@customer.example'],
    'Security question',
    'Where is our data stored?',
  ),
  desk(4712, 'Invoice is wrong', 'We were charged twice this month and want our money back.'),
  team(picture('F0PIC2', '')),
  talk('Visitor from Lima', 'I was charged twice', 'and nobody answers'),
];
