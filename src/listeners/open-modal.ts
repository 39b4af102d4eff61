import type { RespondFn } from '@slack/bolt';
import { onDoneInHome } from './events/app-home.ts';
import { NOT_SHOWN, readPlace, type Tools } from './tools.ts';

/**
 * Opens the modal of a button, or says why there is none: where the button was pressed, which is the
 * Home tab itself if it was there.
 * @param drawn the modal, or words
 */
export async function openModal(
  { context, emit, answer, show }: Tools,
  { body, respond }: { body: unknown; respond: RespondFn | undefined },
  drawn: { view: object } | string,
): Promise<void> {
  const { user, trigger, modal, inHome } = readPlace(body);
  const tell = async (said: string) => {
    if (!inHome) return answer(respond, said);
    await onDoneInHome(context, user, said);
    emit('home');
  };
  if (typeof drawn === 'string') return tell(drawn);
  const args = { trigger_id: trigger, view: drawn.view };
  const shown = await show(modal ? 'views.push' : 'views.open', args);
  if (!shown) await tell(NOT_SHOWN);
}
