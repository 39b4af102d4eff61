import type { ViewResponseAction, ViewSubmitAction } from '@slack/bolt';
import { REHEARSAL } from '../../slack/blocks/actions.ts';
import { renderWords } from '../../slack/blocks/settings/saved.ts';
import { onRehearsalAdopted, onRehearsalBegun } from '../modals/rehearsal.ts';
import { update } from '../modals/settings.ts';
import type { Register } from '../tools.ts';

/** Somebody accepts the price of a rehearsal, or adopts what they have tried. */
export const registerRehearsalViews: Register = (app, { context, emit, apologize }) => {
  for (const [id, submit] of [
    [REHEARSAL.begin, onRehearsalBegun],
    [REHEARSAL.adopt, onRehearsalAdopted],
  ] as const) {
    app.view<ViewSubmitAction>(id, async ({ body, ack }) => {
      const { said } = await submit(context, body).catch((error: unknown) =>
        update(renderWords(apologize('btn')(error))),
      );
      await ack(said as ViewResponseAction);
      emit('settings');
    });
  }
};
