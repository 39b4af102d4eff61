import { z } from 'zod';
import { REHEARSAL } from '../../slack/blocks/actions.ts';
import { renderWords } from '../../slack/blocks/settings/saved.ts';
import {
  drawRehearsalOffer,
  drawRehearsalResult,
  onRehearsalDiscarded,
} from '../modals/rehearsal.ts';
import { openModal } from '../open-modal.ts';
import { type Register, readPlace } from '../tools.ts';

const pressedSchema = z.looseObject({
  actions: z.tuple([
    z.looseObject({
      value: z
        .string()
        .regex(/^\d{1,15}$/)
        .transform(Number),
    }),
  ]),
});

/** The buttons of a rehearsal: try the settings, show what came of it, discard it. */
export const registerRehearsalButtons: Register = (app, tools) => {
  const { context, apologize, show } = tools;
  app.action(REHEARSAL.try, async ({ body, ack, respond }) => {
    const view = await drawRehearsalOffer(context, body).catch((error: unknown) =>
      renderWords(apologize('btn')(error)),
    );
    await ack();
    await openModal(tools, { body, respond }, { view });
  });
  app.action(REHEARSAL.show, async ({ body, ack, respond }) => {
    const [{ value: id }] = pressedSchema.parse(body).actions;
    const view = await drawRehearsalResult(context, { user: body.user.id, id }).catch(
      (error: unknown) => renderWords(apologize('btn')(error)),
    );
    await ack();
    await openModal(tools, { body, respond }, { view });
  });
  app.action(REHEARSAL.discard, async ({ body, ack }) => {
    const view = await onRehearsalDiscarded(context, body).catch((error: unknown) =>
      renderWords(apologize('btn')(error)),
    );
    await ack();
    const { modal, hash } = readPlace(body);
    if (modal) await show('views.update', { view_id: modal, hash, view });
  });
};
