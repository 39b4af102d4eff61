import { z } from 'zod';
import type { Answer, Slack } from './client.ts';

/**
 * Shows somebody their Home tab. Doing it again changes nothing. Slack refuses it for good when the
 * tab is turned off (`not_enabled`) or there is no such person.
 */
export const publishHome = (slack: Slack, user: string, view: object): Promise<Answer<unknown>> =>
  slack.call('views.publish', { user_id: user, view }, z.looseObject({}));
