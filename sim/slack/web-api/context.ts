// What every Web API method can use.
import type { BlockCheck } from '../block-kit/validate.ts';
import type { HistoryRules } from '../history-rules.ts';
import type { Interactions } from '../interactions.ts';
import type { JsonObject } from '../types.ts';
import type { Access } from './access.ts';

export interface MethodContext extends Access {
  args: JsonObject;
  url: string;
  blocks: BlockCheck;
  interactions: Interactions;
  history: HistoryRules;
  orphanReplies: 'refuse' | 'top_level';
  issueTicket(): string;
}
