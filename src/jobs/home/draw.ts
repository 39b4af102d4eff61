import { createHash } from 'node:crypto';
import { backoffMs } from '../../core/delivery/backoff.ts';
import { isSlackError } from '../../core/delivery/slack-errors.ts';
import { renderHome } from '../../slack/blocks/home/home.ts';
import { describeFailure } from '../../slack/client.ts';
import { publishHome } from '../../slack/publish-home.ts';
import { forgetHomes, type Home, listHomes, recordHomeDrawn } from '../../store/home/homes.ts';
import { type Context, earliest, type NextAt } from '../context.ts';
import { readRenderContext } from '../render-context.ts';
import { readHome, WATCHED_MS } from './read.ts';

/**
 * Draws the Home tabs that people have opened, and keeps them up to date for a while. Each is drawn
 * in full from the database and published. Publishing twice does no harm, so a call whose answer is
 * lost is repeated. Only the bot publishes them, one after another, so an older one cannot replace
 * a newer one.
 */

const REFRESH_MS = 30_000;

export async function drawHomes(context: Context): Promise<NextAt> {
  const { db, clock, log } = context;
  await forgetHomes(db, clock.now() - WATCHED_MS);
  const times: NextAt[] = [];
  for (const home of await listHomes(db)) {
    if (home.next_at > clock.now()) {
      times.push(home.next_at);
      continue;
    }
    try {
      times.push(await drawHome(context, home));
    } catch (error) {
      // Slack cannot be reached, or one of them has a fault: the others are drawn.
      const attempts = home.attempts + 1;
      const next_at = clock.now() + backoffMs(attempts);
      log.warn({ err: error, user: home.user, attempts }, 'a Home tab could not be drawn');
      await recordHomeDrawn(db, home, { attempts, next_at });
      times.push(next_at);
    }
  }
  return earliest(times);
}

async function drawHome(context: Context, home: Home): Promise<number> {
  const {
    db,
    slack,
    clock,
    log,
    settings: { taxonomy },
  } = context;
  const { user, asked } = home;
  const facts = await readHome(context, home);
  const view = renderHome(facts, taxonomy, await readRenderContext(context, db), home.notice);
  const shown = createHash('sha256').update(JSON.stringify(view)).digest('base64');
  const done = async (next_at: number, changes: Partial<Home> = {}) => {
    await recordHomeDrawn(db, home, { ...changes, next_at });
    return next_at;
  };
  if (asked === home.drawn && shown === home.shown) return done(clock.now() + REFRESH_MS);
  const answer = await publishHome(slack, user, view);
  switch (answer.kind) {
    case 'ok':
      return done(clock.now() + REFRESH_MS, { drawn: asked, shown, attempts: 0 });
    case 'limited':
      return done(answer.until);
    case 'refused':
    case 'unsent':
    case 'unclear': {
      if (answer.kind === 'refused' && !isSlackError(answer.error, 'retry')) {
        log.warn({ user, reason: answer.error }, 'Slack refuses a Home tab');
        // Until it is opened again: Slack would refuse the same again.
        return done(clock.now() + WATCHED_MS, { drawn: asked });
      }
      const attempts = home.attempts + 1;
      const reason = describeFailure(answer);
      log.warn({ user, reason, attempts }, 'a Home tab could not be shown; trying again');
      return done(clock.now() + backoffMs(attempts), { attempts });
    }
    default:
      return answer satisfies never;
  }
}
