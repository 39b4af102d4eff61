import type { App, RespondArguments, RespondFn } from '@slack/bolt';
import { z } from 'zod';
import type { Rendered } from '../core/delivery/effects.ts';
import { findStorageTrouble, type StorageTrouble } from '../core/health/storage.ts';
import type { Host } from '../core/settings/hosted.ts';
import type { Context } from '../jobs/context.ts';
import type { Event } from '../jobs/job.ts';
import { parseTarget } from '../slack/blocks/actions.ts';
import { nameOperator } from '../slack/blocks/operator.ts';

/** What every listener gets besides Bolt's own arguments. */
export interface Tools {
  context: Context;
  /** Wakes the jobs that follow an event. Call it after the commit. */
  emit(event: Event): void;
  /**
   * Logs a failure and words it for the person who asked, with a reference to quote.
   * @param what the prefix of the reference: a command or a button failed
   * @param outcome what did not happen
   */
  apologize(what: 'cmd' | 'btn', outcome?: string): (error: unknown) => string;
  /**
   * Answers only the person who asked. Call it after the commit.
   * @param respond Bolt has none where nothing can be answered, as in a Home tab
   */
  answer(respond: RespondFn | undefined, said: Said, replaceOriginal?: boolean): Promise<void>;
  /**
   * Opens, pushes or updates a view.
   * @param respond tells the person when Slack does not show it; a Home tab has none
   * @returns whether Slack shows it
   */
  show(method: ViewMethod, args: Record<string, unknown>, respond?: RespondFn): Promise<boolean>;
}

/** Adds the listeners of one file to the app. */
export type Register = (app: App, tools: Tools) => void;

/** mrkdwn, in which everything from outside is escaped; or blocks with their fallback text. */
export type Said = string | Rendered;

type ViewMethod = 'views.open' | 'views.push' | 'views.update';

/** The type of `blocks` in Bolt's arguments. */
type Blocks = Extract<RespondArguments, { blocks: unknown }>['blocks'];

const describeNotStored = (trouble: StorageTrouble, hosted: Host) =>
  trouble === 'full'
    ? `My disk is full, so nothing was done. Please tell ${nameOperator(hosted)} to make room on it, and try again then. No feedback is lost: I read it once there is room.`
    : `I cannot reach my database, so nothing was done. Please try again in a minute; if it goes on, tell ${nameOperator(hosted)}. No feedback is lost: I read it once my database is there.`;

export const NOT_SHOWN = 'Slack did not let me open it. Please try again in a moment.';

export function createTools(context: Context, emit: Tools['emit']): Tools {
  const { log, hosted } = context;
  const answer: Tools['answer'] = async (respond, said, replaceOriginal = false) => {
    await respond?.({
      response_type: 'ephemeral',
      replace_original: replaceOriginal,
      ...toMessage(said),
    }).catch((error: unknown) => log.warn({ err: error }, 'could not answer a person'));
  };
  return {
    context,
    emit,
    apologize:
      (what, outcome = 'nothing was started') =>
      (error) => {
        const trouble = findStorageTrouble(error);
        if (trouble) {
          log.error({ err: error }, 'a request of a person failed');
          return describeNotStored(trouble, hosted);
        }
        const reference = `${what}-${context.clock.now().toString(36)}`;
        log.error({ err: error, reference }, 'a request of a person failed');
        return `Something went wrong on my side, and ${outcome}. Please try again; ${nameOperator(hosted)} finds it in the log as ${reference}.`;
      },
    answer,
    async show(method, args, respond) {
      const shown = await context.slack.call(method, args, z.looseObject({}));
      if (shown.kind === 'ok') return true;
      log.warn({ method, answer: shown }, 'a modal could not be shown');
      if (respond) await answer(respond, NOT_SHOWN);
      return false;
    },
  };
}

/** Converts an answer to Bolt's arguments. */
export const toMessage = (said: Said) =>
  typeof said === 'string' ? { text: said } : { text: said.text, blocks: said.blocks as Blocks };

const placeSchema = z.looseObject({
  user: z.looseObject({ id: z.string() }),
  trigger_id: z.string(),
  view: z.looseObject({ id: z.string(), type: z.string(), hash: z.string() }).nullish(),
  actions: z.tuple([z.looseObject({ block_id: z.string() })]),
});

/** Where something was pressed. */
export interface Place {
  user: string;
  /** Opens a modal; valid for three seconds, and once. */
  trigger: string;
  /** The id of the modal; undefined outside of one. */
  modal: string | undefined;
  /** Makes Slack refuse an update if the view has changed since. */
  hash: string | undefined;
  inHome: boolean;
  /** The message that the button is about. */
  target: { channel: string; ts: string } | undefined;
}

export function readPlace(body: unknown): Place {
  const { user, trigger_id: trigger, view, actions } = placeSchema.parse(body);
  const inHome = view?.type === 'home';
  const modal = inHome ? undefined : view?.id;
  const target = parseTarget(actions[0].block_id);
  return { user: user.id, trigger, modal, hash: view?.hash, inHome, target };
}
