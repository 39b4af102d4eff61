import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { essenceOf, saysSame } from '../../../src/core/intake/essence.ts';

/** Which edits of integrations leave what is said the same. */

const SAYS = 'Ticket 7: It crashes when I save';

describe('says the same', () => {
  test.each<[string, string, string]>([
    ['a status', 'Status: open', 'Status: working'],
    ['a status of several words', 'Status: Waiting for customer', 'Status: In Progress'],
    ['a status with a sign', 'Status: 🟢 Open', 'Status: 🔴 Closed'],
    ['a bold label', '*Status:* open', '*Status:* closed'],
    ['a field in two lines', '*Status*\nOpen', '*Status*\nResolved'],
    ['a field in two lines, with a colon', '*Status:*\nOpen', "*Status:*\nWon't fix"],
    ['a sign and a status', ':hourglass: Pending', ':white_check_mark: Done'],
    ['a counter', 'Views: 0', 'Views: 1,204'],
    ['counted votes', '1 vote', '14 votes'],
    ['a counter in brackets', 'Comments (3)', 'Comments (4)'],
    ['reactions', '👍 3', '👍 4'],
    ['occurrences', 'Events: 12', 'Events: 340'],
    ['times seen', 'Seen 3 times', 'Seen 5 times'],
    ['progress', 'Progress: 40%', 'Progress: 60%'],
    ['a time', 'Updated 3 min ago', 'Updated 2 hours ago'],
    ['a time with its label', 'Last updated: 2026-11-23 10:00', 'Last updated: 2026-11-24 09:12'],
    [
      'a date in words',
      'Last updated: Nov 23, 2026 at 10:00 AM',
      'Last updated: Nov 24, 2026 at 1:12 PM',
    ],
    ['an ISO date', 'Updated: 2026-11-23T10:00:00Z', 'Updated: 2026-11-23T11:00:00Z'],
    ['a time alone', '2026-11-23 10:00', '2026-11-24 11:00'],
    [
      'Slack’s own date',
      'Updated <!date^1790000000^{date}|Nov 23>',
      'Updated <!date^1790009999^{date}|Nov 24>',
    ],
    ['who updated it', 'Updated 3 min ago by Jane Doe', 'Updated 5 min ago by Joe'],
    ['an assignee', 'Assignee: Unassigned', 'Assignee: Jane Doe'],
    ['an assignee who is mentioned', 'Assigned to: <@U1>', 'Assigned to: <@U2>'],
    [
      'several parts in a line',
      'Status: open · 3 votes · updated 5 min ago',
      'Status: closed · 4 votes · updated 1 min ago',
    ],
    ['a linked counter', '<https://x.example/7|12 comments>', '<https://x.example/7|13 comments>'],
    ['a status after an arrow', 'Status → open', 'Status → closed'],
    ['a status after a dash', 'Status - open', 'Status - closed'],
    ['a status after its label alone', 'Status open', 'Status closed'],
    ['a status with a name', 'Status: open, assigned to Jane', 'Status: closed, assigned to Bob'],
    ['a status before a sign', 'Status: open 🟢', 'Status: closed 🔴'],
    ['a status with a dash in it', 'Status: ENG-REVIEW', 'Status: QA-REVIEW'],
    ['who resolved it', '✅ Resolved by Jane', '⏳ Open'],
    ['counters in a row', 'Comments: 3 Votes: 2', 'Comments: 4 Votes: 5'],
    ['counters in a list', '3 comments, 2 votes', '4 comments, 5 votes'],
    ['counted people', '3 people voted', 'Voted by 5 people'],
    ['a counter of a while', '12 events in the last hour', '14 events in the last hour'],
    ['the number of a run', 'Run #12', 'Run #13'],
    ['a time by its label', 'Time: 10:45', 'Time: 10:46'],
    ['what is left', 'Due in 3 days', 'Due in 2 days'],
    ['that it was edited', '(edited)', ''],
    ['in German', 'Status: offen', 'Status: in Bearbeitung'],
    ['fields after one another', 'Status: Open Assignee: Jane', 'Status: Closed Assignee: Joe'],
    ['fields with commas', 'Status: open, Views: 3', 'Status: closed, Views: 4'],
    ['bold labels beside each other', '*Status:* open *Votes:* 3', '*Status:* done *Votes:* 4'],
  ])('%s', (_what, before, after) => {
    expect(saysSame(`${SAYS}\n${before}`, `${SAYS}\n${after}`)).toBe(true);
    // It may also be added, or go.
    expect(saysSame(SAYS, `${SAYS}\n${after}`)).toBe(true);
  });

  test.each([
    ['[Open] It crashes', '[Closed] It crashes'],
    ['It crashes (updated 3 min ago)', 'It crashes (updated 4 min ago)'],
    ['It crashes. Updated 3 min ago.', 'It crashes. Updated 4 min ago.'],
    ['It  crashes', 'It crashes'],
    ['Status: *To Do*   Priority: *High*', 'Status: *Done*   Priority: *High*'],
    ['It *crashes* when I save', 'It crashes when I save'],
    ['It crashes | 3 votes | Open', 'It crashes | 12 votes | Closed'],
    ['🟢 It crashes', '🔴 It crashes'],
    ['Open: It crashes', 'Resolved: It crashes'],
  ])('%s, %s', (before, after) => {
    expect(saysSame(before, after)).toBe(true);
  });
});

describe('says something new', () => {
  test.each([
    ['It crashes', 'It crashes on save'],
    ['I cannot open it', 'I cannot close it'],
    ['open', 'opens'],
    ['Open', 'Closed'],
    ['Status: the export works', 'Status: the export is broken'],
    ['Status page: open', 'Status page: closed'],
    ['Rating: 5', 'Rating: 1'],
    ['Score: 2/10', 'Score: 9/10'],
    ['Status: Export Broken', 'Status: Import Broken'],
    ['❌ the export works', '✅ the export works'],
    ['What is it?\nopen', 'What is it?\nclosed'],
    ['⭐ 5', '⭐ 1'],
    ['Priority: low', 'Priority: urgent'],
    ['Status: open  Priority: low', 'Status: open  Priority: urgent'],
    ['Status: open Rating: 5', 'Status: closed Rating: 1'],
    ['I set the status: open', 'I set the status: closed'],
    ['It costs 5', 'It costs 500'],
    ['It is down for 3 days', 'It is down for 30 days'],
    ['How long?\n3 days', 'How long?\n30 days'],
    ['When?\ntoday', 'When?\nyesterday'],
    ['Owner: export fails on save', 'Owner: export works on save'],
    ['Comments: it is slow', 'Comments: it is fast'],
    ['The status is open', 'The status is closed'],
    ['Updated to 4.2: it crashes', 'Updated to 4.3: it crashes'],
    ['my_var', 'myvar'],
    ['It works', 'It works?'],
    ['<https://a.example|here>', '<https://b.example|here>'],
    ['Status: open', 'Status: closed'],
    ['3 votes', '4 votes'],
  ])('%s → %s', (before, after) => {
    expect(saysSame(before, after)).toBe(false);
  });
});

describe('property:', () => {
  const prose = fc.constantFrom(
    'crashes',
    'export',
    'slow',
    'login',
    'café',
    '保存',
    'don’t',
    'v4.2',
  );
  // Words of status and time as well: in a sentence they count.
  const any = fc.oneof(
    prose,
    fc.constantFrom('open', 'closed', 'status', '3', 'votes', 'today', 'ago', 'is'),
  );
  const line = fc
    .tuple(fc.array(any, { maxLength: 4 }), prose, fc.array(any, { maxLength: 4 }))
    .map((words) => words.flat());
  const volatile = fc.constantFrom('Status: open', 'Views: 3', 'Updated 5 min ago', '4 votes', '');

  test('no word of a sentence is swallowed, whatever changes by itself beside it', () => {
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 4 }),
        volatile,
        volatile,
        fc.nat(),
        any,
        (lines, one, other, at, word) => {
          const n = at % lines.length;
          const changed = lines.map((words, m) =>
            m === n ? words.with(at % words.length, word) : words,
          );
          const textOf = (some: string[][]) => some.map((words) => words.join(' ')).join('\n');
          const same = textOf(lines) === textOf(changed);
          // Without its prose a line may be one that changes by itself.
          fc.pre(
            changed.every((words) =>
              words.some((w) =>
                ['crashes', 'export', 'slow', 'login', 'café', '保存', 'don’t', 'v4.2'].includes(w),
              ),
            ),
          );
          expect(saysSame(`${textOf(lines)}\n${one}`, `${textOf(changed)}\n${other}`)).toBe(same);
        },
      ),
    );
  });

  test('never throws, and is stable', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        expect(saysSame(text, text)).toBe(true);
        expect(typeof essenceOf(text)).toBe('string');
      }),
    );
  });
});
