import type { SlackActionMiddlewareArgs } from '@slack/bolt';
import type { Context } from '../../jobs/context.ts';
import { REFUSALS } from '../../jobs/people/take-acts.ts';
import { onDoneInHome } from '../events/app-home.ts';
import { type Place, type Register, readPlace, type Tools } from '../tools.ts';

/**
 * Buttons and selects with which people act on something. A press is committed as an act before it
 * is acknowledged. Then the act is taken, and the result appears where the person pressed.
 */
export interface Pressable {
  /** The action ids. */
  ids: RegExp;
  /** @returns the id of the act asked for, committed; undefined when there is nothing to do */
  ask(context: Context, body: unknown): Promise<number | undefined>;
  /** Takes the act. @returns why it was refused, in words for the person who pressed */
  take(context: Context, act: number): Promise<string | undefined>;
  /**
   * Renders the modal that contains the button again.
   * @param notice why the act was refused
   */
  redraw(
    context: Context,
    pressed: { place: Place; body: unknown },
    notice: string | undefined,
  ): Promise<object | undefined>;
}

export const registerPressable =
  (pressable: Pressable): Register =>
  (app, tools) => {
    app.action(pressable.ids, (args) => onPressed(tools, pressable, args));
  };

/** What Bolt gives the listener of a button. */
export type Pressed = Pick<SlackActionMiddlewareArgs, 'body' | 'respond'> & {
  ack(): Promise<void>;
};

export async function onPressed(
  { context, emit, apologize, answer, show }: Tools,
  { ask, take, redraw }: Pressable,
  { body, ack, respond }: Pressed,
): Promise<void> {
  const act = await ask(context, body).catch(apologize('btn'));
  await ack();
  const said =
    typeof act === 'number'
      ? await take(context, act).catch((error: unknown) => {
          // Slack could not say whether they may. The job asks again and updates the card.
          context.log.warn({ err: error, act }, 'what somebody did is taken later');
          return undefined;
        })
      : (act ?? REFUSALS.moot);
  emit('act');
  const place = readPlace(body);
  if (place.inHome) {
    await onDoneInHome(context, place.user, said);
    emit('home');
    return;
  }
  const view = place.modal && (await redraw(context, { place, body }, said));
  if (view) await show('views.update', { view_id: place.modal, view });
  else if (said) await answer(respond, said);
}
