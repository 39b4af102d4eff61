import {
  GISTS_AT_ONCE,
  GROUPINGS_AT_MOST,
  requestGrouping,
  THEMES_AT_ONCE,
} from '../../claude/grouping.ts';
import { costOf } from '../../claude/pricing.ts';
import { backoffMs } from '../../core/delivery/backoff.ts';
import { type GroupingReading, readGrouping } from '../../core/themes/grouping.ts';
import type { Tx } from '../../store/db/tables.ts';
import { listBatches } from '../../store/runs/batches.ts';
import { findOpenRun, type Run } from '../../store/runs/runs.ts';
import {
  addGroupingCost,
  type Grouping,
  listUngrouped,
  openGrouping,
  type Ungrouped,
  updateGrouping,
} from '../../store/themes/groupings.ts';
import { addThemes, joinThemes, resolveTheme } from '../../store/themes/themes.ts';
import { findThemes, forgetOldThemes, INDEXED, type ThemeTitle } from '../../store/themes/words.ts';
import type { NextAt } from '../context.ts';
import { releaseAccount } from '../runs/trouble.ts';
import { commitAll, createPause } from '../slices.ts';
import { applyGroups, push, wasTakenOut } from './apply-groups.ts';
import { type Grouper, MAX_TRIES, PATIENCE_MS } from './grouper.ts';
import { nameTopics } from './name-topics.ts';

/**
 * Groups what a run has judged, once its batches are collected and before its summary is written:
 *
 *   assigning ──▶ asking ──▶ closing ──▶ naming ──▶ done
 *
 * Each stage goes page by page, or request by request, in short commits; whatever was grouped is not
 * grouped again. Before Claude is asked the try is committed; a crash between its answer and the
 * commit of what it says asks again, and pays twice. The summary does not wait long: what could not
 * be grouped in time are themes of their own, which later messages may join. What is not named in time
 * is, with a later run.
 */

/** Messages to put into themes between two looks at the time. */
const PAGE = 20;

/** Candidates for each gist. */
const CANDIDATES = 3;

/** @returns when to continue; null when everything is grouped that will be */
export async function groupRun(context: Grouper, run: Run): Promise<NextAt> {
  for (;;) {
    const grouping = await openGrouping(context.db, run.id, context.clock.now());
    switch (grouping.stage) {
      case 'assigning':
        await assign(context, run);
        break;
      case 'asking': {
        if (grouping.next_at > context.clock.now()) return grouping.next_at;
        await askForGroups(context, run, grouping);
        break;
      }
      case 'closing':
        await close(context, run);
        break;
      case 'naming': {
        if (grouping.next_at > context.clock.now()) return grouping.next_at;
        await nameTopics(context, run, grouping);
        break;
      }
      case 'done':
        return null;
      default:
        return grouping.stage satisfies never;
    }
  }
}

/** assigning → asking: into the themes that Claude named in its verdicts. */
async function assign(context: Grouper, run: Run): Promise<void> {
  const { db, clock } = context;
  await forEachPage(context, run, async (tx, page) => {
    const named = page.filter(({ theme }) => theme !== null);
    const themes = new Map<number, Ungrouped[]>();
    for (const member of named) {
      const theme = await resolveTheme(tx, member.theme ?? 0);
      if (!(await wasTakenOut(tx, member, theme))) push(themes, theme, member);
    }
    await joinThemes(tx, run.channel, themes, clock.now());
  });
  await updateGrouping(db, run.id, { stage: 'asking', next_at: clock.now(), attempts: 0 });
}

/** asking → asking, until everything is grouped, time is up or Claude does not help: → closing. */
async function askForGroups(context: Grouper, run: Run, grouping: Grouping): Promise<void> {
  const { db, claude, clock, log } = context;
  const closeFor = async (why: string) => {
    log.warn({ run: run.id, why }, 'what is left is not grouped: the summary goes on without');
    await updateGrouping(db, run.id, { stage: 'closing' });
  };
  // A shorter list leaves less room for mistakes.
  const gists = await findNext(context, run, GISTS_AT_ONCE >> grouping.attempts);
  // A person has canceled what costs money. A single gist was offered the existing themes already.
  const canceled = (await findOpenRun(db, run.channel))?.canceled_by != null;
  if (gists.length < 2 || canceled) {
    return updateGrouping(db, run.id, { stage: 'closing' });
  }
  if (grouping.attempts >= MAX_TRIES) return closeFor('Claude gave no good answer');
  if (grouping.requests + grouping.attempts >= GROUPINGS_AT_MOST)
    return closeFor('there is too much');
  if (clock.now() - grouping.since > PATIENCE_MS) return closeFor('it took too long');

  const themes = await findCandidates(context, run, gists);
  const attempts = grouping.attempts + 1;
  await updateGrouping(db, run.id, { attempts, next_at: clock.now() + backoffMs(attempts) });
  const input = { gists: gists.map(({ gist }) => gist), themes };
  const answer = await requestGrouping(claude, input, run.model, context.settings);
  const now = clock.now();
  switch (answer.kind) {
    case 'ok': {
      await releaseAccount(context);
      const given = { gists: gists.length, themes: themes.map(({ id }) => id) };
      const reading = readGrouping(answer.value, given);
      await takeAnswer(context, run, gists, reading);
      return;
    }
    case 'later':
    case 'unclear': {
      const wait = (answer.kind === 'later' && answer.afterMs) || backoffMs(attempts);
      log.warn({ run: run.id, reason: answer.reason, attempts }, 'no groups from Claude yet');
      await updateGrouping(db, run.id, { next_at: now + wait });
      if (now + wait - grouping.since > PATIENCE_MS) return closeFor(answer.reason);
      return;
    }
    case 'refused':
    case 'blocked':
      return closeFor(answer.reason);
    default:
      answer satisfies never;
  }
}

/** The bill and what it paid for are one commit. */
async function takeAnswer(
  { db, clock, log }: Grouper,
  run: Run,
  gists: Ungrouped[],
  reading: GroupingReading,
): Promise<void> {
  const now = clock.now();
  const proposed = await db.transaction().execute(async (tx) => {
    if (reading.usage) {
      await addGroupingCost(tx, run.id, costOf(run.model, reading.usage, 'standard'));
    }
    if (reading.kind === 'bad') return 0;
    const merges = await applyGroups(tx, run, gists, reading.groups, now);
    await updateGrouping(tx, run.id, { attempts: 0, next_at: now });
    return merges;
  });
  if (reading.kind === 'bad') {
    log.warn({ run: run.id, reason: reading.reason }, 'an answer with groups was no good');
    return;
  }
  const { strays, groups } = reading;
  log.info(
    { run: run.id, gists: gists.length, groups: groups.length, proposed, strays },
    'gists were grouped',
  );
}

/** closing → naming: each message without a theme becomes one. */
async function close(context: Grouper, run: Run): Promise<void> {
  const { db, clock } = context;
  let left = 0;
  await forEachPage(context, run, async (_tx, page) => {
    left += page.length;
  });
  await forEachPage(context, run, async (tx, page) => {
    const about = { channel: run.channel, run: run.id, hidden: left > INDEXED };
    await addThemes(
      tx,
      about,
      page.map((one) => [one]),
      clock.now(),
    );
    left -= page.length;
  });
  await commitAll(db, async (tx) => (await forgetOldThemes(tx, run.channel, PAGE)) > 0);
  await updateGrouping(db, run.id, { stage: 'naming', attempts: 0, next_at: clock.now() });
}

/** All ungrouped messages of a run, page by page. */
async function forEachPage(
  { db }: Grouper,
  run: Run,
  take: (tx: Tx, page: Ungrouped[]) => Promise<void>,
): Promise<void> {
  for (const batch of await listBatches(db, run.id)) {
    let after = '';
    await commitAll(db, async (tx) => {
      const page = await listUngrouped(tx, batch, after, PAGE);
      const last = page.at(-1);
      if (!last) return false;
      await take(tx, page);
      after = last.ts;
      return true;
    });
  }
}

/** The next gists to ask about. */
async function findNext({ db }: Grouper, run: Run, limit: number): Promise<Ungrouped[]> {
  const found: Ungrouped[] = [];
  const pause = createPause();
  for (const batch of await listBatches(db, run.id)) {
    found.push(...(await listUngrouped(db, batch, '', limit - found.length)));
    if (found.length >= limit) break;
    await pause();
  }
  return found;
}

/** Existing themes that some of these gists may belong to; the most common first. */
async function findCandidates(
  { db }: Grouper,
  { channel }: Run,
  gists: Ungrouped[],
): Promise<ThemeTitle[]> {
  const pause = createPause();
  const found = new Map<number, { title: string; times: number }>();
  for (const { gist } of gists) {
    for (const { id, title } of await findThemes(db, { channel, text: gist }, CANDIDATES)) {
      found.set(id, { title, times: (found.get(id)?.times ?? 0) + 1 });
    }
    await pause();
  }
  return [...found]
    .sort(([one, a], [other, b]) => b.times - a.times || one - other)
    .slice(0, THEMES_AT_ONCE)
    .map(([id, { title }]) => ({ id, title }));
}
