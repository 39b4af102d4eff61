import type { ClaudeSim } from '../../sim/claude/claude-sim.ts';
import { createJournal } from '../journal.ts';
import { type Panel, pick, promise } from './panel.ts';

/** The panel of the Claude stand-in: each batch's progress, and how the stand-in behaves. */

type Batch = ReturnType<ClaudeSim['batches']>[number];

type Mood = 'normal' | 'slow' | 'failing' | 'expiring' | 'losing' | 'overloaded';

const MOODS: { value: Mood; label: string }[] = [
  { value: 'normal', label: 'Works' },
  { value: 'slow', label: 'Is slow: a minute per batch' },
  { value: 'failing', label: 'Fails: a third of the answers are bad' },
  { value: 'expiring', label: 'Expires: half of each batch is not answered' },
  { value: 'losing', label: 'Loses answers: creates the batch, but the connection breaks' },
  { value: 'overloaded', label: 'Is overloaded: refuses every call' },
];

const SLOW_MS = 60_000;

/** Newest first. */
const BATCHES_SHOWN = 4;

/**
 * @param batchMs how long a batch normally takes
 * @param changed called when the section should be drawn again
 */
export function createClaudeStandInPanel(
  claude: ClaudeSim,
  { batchMs, changed }: { batchMs: number; changed: () => void },
): Panel {
  const journal = createJournal();
  let mood: Mood = 'normal';
  let restore = () => {};

  /** The last logged status of each batch. */
  const seen = new Map<string, Batch['status']>();
  let callsSeen = 0;
  let unanswered: ClaudeSim['calls'] = [];
  const follow = () => {
    const batches = claude.batches();
    for (const [index, batch] of batches.entries()) {
      const before = seen.get(batch.id);
      if (before === batch.status) continue;
      seen.set(batch.id, batch.status);
      const name = `Batch ${batches.length - index}`;
      if (!before) journal.add(`${name} is made: ${countRequests(batch)}`);
      if (!before && mood === 'losing') journal.add(`${name}: the answer was lost`, 'bad');
      if (batch.status === 'canceling') journal.add(`${name} is being canceled`);
      if (batch.status !== 'ended') continue;
      journal.add(`${name} has ended: ${describeCounts(batch)}`, toneOf(batch));
    }
    unanswered.push(...claude.calls.slice(callsSeen));
    callsSeen = claude.calls.length;
    for (const { path, method, status, error } of unanswered) {
      if (error) journal.add(`${method} ${shorten(path)}: ${status} ${error.type}`, 'bad');
      const [, id] = /batches\/([^/]+)\/results$/.exec(path) ?? [];
      const index = batches.findIndex((batch) => batch.id === id);
      if (index >= 0 && status === 200) {
        journal.add(`Batch ${batches.length - index}: its results are read`);
      }
    }
    unanswered = unanswered.filter(({ status }) => status === 0).slice(-UNANSWERED);
    changed();
  };
  const unfollow = claude.onChange(follow);

  const setMood = (value: string | undefined) => {
    const next = pick(MOODS, value).value;
    if (next === mood) return;
    restore();
    restore = applyMood(claude, next, batchMs);
    // Ends batches that were started while it was slow.
    if (mood === 'slow') endOpen(claude);
    mood = next;
    journal.add(`From now on: ${labelOf(mood)}`);
    changed();
  };
  return {
    section() {
      const batches = claude.batches();
      const { input, cacheRead, cacheWritten, output } = claude.tokens();
      const read = (input + cacheRead + cacheWritten).toLocaleString('en');
      return {
        title: 'Claude',
        facts: [
          { label: 'Sample messages', value: 'recorded verdicts' },
          { label: 'What you type', value: 'simple keyword rules' },
          ...batches.slice(0, BATCHES_SHOWN).map((batch, index) => ({
            label: `Batch ${batches.length - index}`,
            ...describeBatch(batch),
          })),
          {
            label: 'So far',
            value: `${countOf(claude.calls.length, 'call')}, ${read} tokens in, ${output.toLocaleString('en')} out`,
          },
          promise(
            'The next run asks again about messages that failed, up to three times; then they are listed.',
          ),
        ],
        controls: [
          { kind: 'choice', id: 'claude-mood', label: 'Claude', value: mood, options: MOODS },
        ],
        log: journal.entries(),
      };
    },
    controls: { 'claude-mood': setMood },
    stop() {
      unfollow();
      restore();
    },
  };
}

/** How many unanswered calls are watched at most. */
const UNANSWERED = 20;

/** @returns a function that undoes it */
function applyMood({ faults, setBatchMs }: ClaudeSim, mood: Mood, batchMs: number): () => void {
  switch (mood) {
    case 'normal':
      return () => {};
    case 'slow':
      setBatchMs(SLOW_MS);
      return () => setBatchMs(batchMs);
    case 'failing': {
      // Two kinds of bad answers: an error and an unusable one.
      const undo = [
        faults.addItem({ outcome: 'errored', errorType: 'api_error', match: everyNth(6, 0) }),
        faults.addItem({ outcome: 'wrong_schema', match: everyNth(5, 0) }),
      ];
      return () => {
        for (const each of undo) each();
      };
    }
    case 'expiring':
      return faults.addItem({ outcome: 'expired', match: everyNth(2, 0) });
    case 'losing':
      return faults.add({ kind: 'lost_answer', times: Number.POSITIVE_INFINITY });
    case 'overloaded':
      return faults.add({
        kind: 'status',
        status: 529,
        errorType: 'overloaded_error',
        message: 'Overloaded',
        times: Number.POSITIVE_INFINITY,
      });
    default:
      return mood satisfies never;
  }
}

/** Matches one in `n` items; the count starts at `first`. */
function everyNth(n: number, first: number): () => boolean {
  let count = first;
  return () => count++ % n === 0;
}

function endOpen(claude: ClaudeSim): void {
  for (const { id, status } of claude.batches()) if (status !== 'ended') claude.endBatch(id);
}

const labelOf = (mood: Mood) => pick(MOODS, mood).label.replace(/^./, (c) => c.toLowerCase());

function describeBatch(batch: Batch): { value: string; tone?: 'good' | 'bad' } {
  const seconds = Math.floor(((batch.endedAt ?? Date.now()) - batch.createdAt) / 1000);
  switch (batch.status) {
    case 'in_progress':
      return { value: `in progress for ${seconds} s: ${countRequests(batch)}` };
    case 'canceling':
      return { value: 'being canceled' };
    case 'ended':
      return { value: `ended after ${seconds} s: ${describeCounts(batch)}`, tone: toneOf(batch) };
    default:
      return batch.status satisfies never;
  }
}

const countRequests = ({ requests: { length } }: Batch) => countOf(length, 'request');

const countOf = (n: number, noun: string) =>
  `${n.toLocaleString('en')} ${noun}${n === 1 ? '' : 's'}`;

function describeCounts({ counts }: Batch): string {
  const { succeeded, errored, expired, canceled } = counts;
  return Object.entries({ answered: succeeded, failed: errored, expired, canceled })
    .filter(([what, count]) => count > 0 || what === 'answered')
    .map(([what, count]) => `${count.toLocaleString('en')} ${what}`)
    .join(', ');
}

const toneOf = ({ counts, requests }: Batch) =>
  counts.succeeded === requests.length ? 'good' : 'bad';

const shorten = (path: string) => path.replace(/msgbatch_[^/]+/, '…').replace(/^\/v1/, '');
