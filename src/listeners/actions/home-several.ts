import { SEVERAL } from '../../slack/blocks/home/several.ts';
import { drawSeveral, drawSeveralAgain, findSeveralProblem } from '../modals/home-several.ts';
import { openModal } from '../open-modal.ts';
import { type Register, readPlace } from '../tools.ts';

/** *Dismiss several…* on the Home tab, and the buttons in its modals. */
export const registerHomeSeveral: Register = (app, tools) => {
  const { context, show } = tools;
  app.action(SEVERAL.open, async ({ body, ack, respond }) => {
    await ack();
    const { id } = body.user;
    const problem = await findSeveralProblem(context, id);
    await openModal(
      tools,
      { body, respond },
      problem ?? { view: await drawSeveral(context, id, []) },
    );
  });
  const redraws = [
    [SEVERAL.all, (body: { user: { id: string } }) => drawSeveral(context, body.user.id, 'all')],
    [SEVERAL.none, (body: { user: { id: string } }) => drawSeveral(context, body.user.id, [])],
    [SEVERAL.back, (body: unknown) => drawSeveralAgain(context, body)],
  ] as const;
  for (const [id, draw] of redraws) {
    app.action(id, async ({ body, ack }) => {
      await ack();
      const { modal, hash } = readPlace(body);
      if (modal) await show('views.update', { view_id: modal, hash, view: await draw(body) });
    });
  }
};
