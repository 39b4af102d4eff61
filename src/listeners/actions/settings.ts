import { SETTINGS } from '../../slack/blocks/actions.ts';
import { renderWords } from '../../slack/blocks/settings/saved.ts';
import { drawSettings, onCategoryAdded, onSettingsReset } from '../modals/settings.ts';
import { openModal } from '../open-modal.ts';
import { type Register, readPlace, type Tools } from '../tools.ts';

/** The buttons of the settings: open them, add a category, go back to the environment's. */
export const registerSettingsButtons: Register = (app, tools) => {
  const { context, emit, apologize } = tools;
  app.action(SETTINGS.open, async ({ body, ack, respond }) => {
    const drawn = await drawSettings(context, { user: body.user.id });
    await ack();
    const view = drawn.kind === 'modal' ? drawn.view : renderWords(drawn.words);
    await openModal(tools, { body, respond }, { view });
  });
  app.action(SETTINGS.add, async ({ body, ack }) => {
    await ack();
    await redraw(tools, body, await onCategoryAdded(context, body));
  });
  app.action(SETTINGS.reset, async ({ body, ack }) => {
    const view = await onSettingsReset(context, body).catch((error: unknown) =>
      renderWords(apologize('btn')(error)),
    );
    await ack();
    emit('settings');
    await redraw(tools, body, view);
  });
};

/** Updates the modal, unless it has changed since the press. */
async function redraw({ show }: Tools, body: unknown, view: object): Promise<void> {
  const { modal, hash } = readPlace(body);
  if (modal) await show('views.update', { view_id: modal, hash, view });
}
