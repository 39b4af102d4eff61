import type { Context } from '../../jobs/context.ts';
import { drawForgetPerson } from '../modals/forget.ts';
import type { Answer, Asked, Subcommand } from './asked.ts';
import { COMMAND } from './wording.ts';

/** `/classify-feedback forget @PERSON`: asks an admin to confirm that all that a person wrote is forgotten. */
export const forgetCommand: Subcommand = {
  group: 'set up',
  usage: '@PERSON',
  help: 'erase all that a person wrote, for good (only admins and owners of the workspace)',
  also: ['erase', 'delete', 'remove', 'gdpr', 'privacy'],
  // Nobody is offered it for a word that they mistyped.
  spends: true,
  answer: answerForget,
};

/** As Slack sends a mention; or the id that a profile shows. */
const PERSON = /^(?:<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>|([UW][A-Z0-9]{4,}))$/;

async function answerForget(context: Context, { user, channel, rest }: Asked): Promise<Answer> {
  const match = PERSON.exec(rest.trim());
  const person = match?.[1] ?? match?.[2];
  if (person === undefined) {
    return `Say whom to forget: \`${COMMAND} forget @person\`. Choose the person from Slack's list, or paste their member ID (in their profile, under ⋮). One message alone is forgotten by its menu, *Forget this message*.`;
  }
  const drawn = await drawForgetPerson(context, { user, channel, person });
  return typeof drawn === 'string' ? drawn : { modal: drawn.view };
}
