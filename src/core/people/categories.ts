import { checkAlso } from '../runs/also.ts';
import type { Taxonomy } from '../runs/taxonomy.ts';
import type { ActiveAct } from './acts.ts';

/**
 * The second category of a message after what people have said. Each act changes what the one before has
 * left, so people correct what they see. A correction to the second category swaps the two: the message
 * still does both things.
 * @param claude Claude's categories; null: it has not judged the message
 * @param acts the active acts, oldest first
 */
export function decideAlso(
  claude: { category: string; also: string | null } | null,
  acts: Pick<ActiveAct, 'kind' | 'category' | 'also'>[],
  taxonomy: Taxonomy,
): string | null {
  let { category, also } = claude ?? { category: '', also: null };
  for (const act of acts) {
    if (act.category === null) continue;
    if (typeof act.also === 'string') also = act.also || null;
    else if (act.category === also) also = category || null;
    category = act.category;
    if (also === category) also = null;
  }
  return checkAlso(also, category, taxonomy);
}
