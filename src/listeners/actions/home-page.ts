import { HOME_PAGE, onPageTurned } from '../events/app-home.ts';
import type { Register } from '../tools.ts';

/** The buttons that turn the page of the Home tab. */
export const registerHomePage: Register = (app, { context, emit }) => {
  app.action(HOME_PAGE, async ({ body, ack }) => {
    await onPageTurned(context, body);
    await ack();
    emit('home');
  });
};
