import { countPrivate } from '../../core/privacy/redact.ts';
import { toPlainText } from '../../core/text.ts';
import type { Context } from '../../jobs/context.ts';
import { readRenderContext } from '../../jobs/render-context.ts';
import { renderWhy } from '../../slack/blocks/people/why.ts';
import { readExplanation } from '../../store/people/cards.ts';
import { readExamples } from '../../store/people/examples.ts';

/** *Why?* @returns the modal; undefined when there is no verdict to explain */
export async function drawWhy(
  context: Context,
  { channel, ts }: { channel: string; ts: string },
): Promise<object | undefined> {
  const {
    db,
    settings: { taxonomy, redact },
  } = context;
  const found = await readExplanation(db, channel, ts);
  if (!found) return undefined;
  const examples = await readExamples(db, channel, found.exampleTs);
  const renderContext = await readRenderContext(context, db);
  const { text, edited, model } = found.explanation;
  // The same function has replaced it before it was sent.
  const replaced =
    redact && model && !edited ? countPrivate(toPlainText(text, renderContext.nameOf)) : new Map();
  return renderWhy({ ...found.explanation, examples }, taxonomy, renderContext, replaced);
}
