import type { LaneReason } from '../../core/runs/lane.ts';
import { namePerson, type RenderContext } from './render-context.ts';

/** Why a run went, or went on, in its lane: a clause. */
export function describeLaneReason(
  reason: LaneReason,
  by: string | null,
  renderContext: RenderContext,
): string {
  switch (reason) {
    case 'half price':
      return 'batches cost half';
    case 'cheap':
      return 'it costs little';
    case 'person':
      return `${namePerson(by, renderContext, 'a teammate')} did not want to wait`;
    case 'due':
      return 'the summary is due';
    case 'as they come':
      return 'messages of this channel are classified as they come';
    default:
      return reason satisfies never;
  }
}
