import type { Context } from '../../jobs/context.ts';
import { drawSettings } from '../modals/settings.ts';
import type { Answer, Asked, Subcommand } from './asked.ts';

/** `/classify-feedback settings`: opens the modal, or says why the person may not. */
export const settingsCommand: Subcommand = {
  group: 'set up',
  help: 'schedules, categories and what needs attention: see and change them',
  also: ['config', 'configure', 'setup', 'preferences', 'options', 'schedule', 'categories'],
  answer: answerSettings,
};

async function answerSettings(context: Context, { user, channel }: Asked): Promise<Answer> {
  const drawn = await drawSettings(context, { user, channel });
  return drawn.kind === 'modal' ? { modal: drawn.view } : drawn.words;
}
