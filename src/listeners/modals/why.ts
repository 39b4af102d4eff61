import { type Context, surroundingsOf } from '../../jobs/context.ts';
import { renderWhy } from '../../slack/blocks/people/why.ts';
import { readNames } from '../../store/intake/users.ts';
import { readExplanation } from '../../store/people/cards.ts';
import { readExamples } from '../../store/people/examples.ts';

/** *Why?* @returns the modal; undefined when there is no verdict to explain */
export async function drawWhy(
  context: Context,
  { channel, ts }: { channel: string; ts: string },
): Promise<object | undefined> {
  const {
    db,
    settings: { taxonomy },
  } = context;
  const found = await readExplanation(db, channel, ts);
  if (!found) return undefined;
  const examples = await readExamples(db, channel, found.exampleTs);
  const around = surroundingsOf(context, await readNames(db));
  return renderWhy({ ...found.explanation, examples }, taxonomy, around);
}
