import type { Deps } from '../../jobs/deps.ts';
import { drawSettings } from '../settings.ts';
import type { Answer, Asked } from './asked.ts';

/** `/classify-feedback settings`: opens the modal, or says why not. */
export async function answerSettings(deps: Deps, { user, channel }: Asked): Promise<Answer> {
  const drawn = await drawSettings(deps, { user, channel });
  return drawn.kind === 'modal' ? { modal: drawn.view } : drawn.words;
}
